/* SPDX-License-Identifier: MIT */
/* The one door of jeton_net.so: its table. */
#include "net/net.h"
#include "net/flow/flow.h"
#include "net/host/host.h"
#include "net/http/http.h"
#include "net/keys/keys.h"

static const struct jt_net net = {
    .struct_size = sizeof(net),
    .version = JETON_VERSION,
    .host = &jt_host,
    .pool_new = jt_pool_new,
    .pool_free = jt_pool_free,
    .run = jt_run_flow,
    .run_many = jt_run_flows,
    .check_key = jt_key_check,
    .check_settings = jt_flow_check,
};

const struct jt_net *jeton_net_v1(void)
{
    return &net;
}
