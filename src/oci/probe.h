/* SPDX-License-Identifier: MIT */
/*
 * What policy a process has, said by the process itself: the conformance kit lets containers run
 * `mpol-runtime probe` and compares the answer with that of a process that called set_mempolicy(2).
 */
#ifndef OCI_PROBE_H
#define OCI_PROBE_H

#include <mpol/policy.h>

struct oci_probe {
	bool answered;
	int mode;		   /* of get_mempolicy(2), flags included; -1: refused */
	struct mpol_nodeset nodes; /* of get_mempolicy(2) */
	char text[80];		   /* of the first line of numa_maps */
};

/* The calling thread's. */
void oci_probe_self(struct oci_probe *ret);
#define OCI_PROBE_TEXT (MPOL_NODES_TEXT + 256)
/* "mpol-probe 32770 [1-2] bind=static:1-2\n" */
size_t oci_probe_print(const struct oci_probe *p, char *buf, size_t size);
/* Finds such a line in a program's output; not answered when there is none. */
void oci_probe_parse(const char *output, struct oci_probe *ret);
bool oci_probe_equal(const struct oci_probe *a, const struct oci_probe *b);

/* `mpol-runtime probe [--wait]`: prints the line; --wait: then stays until it is killed. */
int oci_probe_main(int argc, char **argv);

#endif
