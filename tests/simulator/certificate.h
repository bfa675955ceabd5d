/* SPDX-License-Identifier: MIT */
/* Owns the server's key and certificate, made fresh at each start.
   It never writes the key anywhere. */
#ifndef SIM_CERTIFICATE_H
#define SIM_CERTIFICATE_H

/* Both are PEM and the caller's to free. */
int certificate_make(char **ret_key_pem, char **ret_certificate_pem);
/* The file appears complete or not at all. */
int certificate_write(const char *path, const char *certificate_pem);

#endif
