/* SPDX-License-Identifier: MIT */
/* A runner as none should be: a process of it outlives it. What tests/left-behind/end has to find. */
#include <unistd.h>

int main(void)
{
	if (fork() == 0)
		(void)sleep(60);
	(void)sleep(60);
	return 0;
}
