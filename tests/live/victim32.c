/* SPDX-License-Identifier: MIT */
/* A 32-bit process that waits until its input ends. */
#include <stdio.h>

int main(void)
{
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	puts("ok");
	return 0;
}
