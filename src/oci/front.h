/* SPDX-License-Identifier: MIT */
/*
 * mpol-runtime(8): an OCI runtime that gives containers their memory policy and lets a real runtime
 * do everything else.
 */
#ifndef OCI_FRONT_H
#define OCI_FRONT_H

int oci_front_main(int argc, char **argv);

#endif
