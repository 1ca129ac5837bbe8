/* SPDX-License-Identifier: MIT */
/* The command `mpol`: finds the subcommand in a table and runs it. */
#include <stdio.h>

int main(void)
{
	puts("mpol " MPOL_VERSION);
	return 0;
}
