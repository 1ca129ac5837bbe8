/* SPDX-License-Identifier: MIT */
/* The longer verbs of mpol oci. */
#ifndef CLI_OCI_H
#define CLI_OCI_H

#include "cli/command.h"

int oci_run_check(const struct cli_args *args);
int oci_run_conformance(const struct cli_args *args);

#endif
