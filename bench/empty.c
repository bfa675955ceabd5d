/* SPDX-License-Identifier: MIT */
/* The least that a dynamically linked program costs. It does nothing. */
int main(void)
{
    return 0;
}
