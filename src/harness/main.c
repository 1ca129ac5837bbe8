/* SPDX-License-Identifier: MIT */
/* Brought in by the linker where an executable of tests has no main of its own. */
#include "harness/harness.h"

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
