/* SPDX-License-Identifier: MIT */
/* The program mpol-runtime; all of it is in the room oci. */
#include "oci/front.h"

int main(int argc, char **argv)
{
	return oci_front_main(argc, argv);
}
