/* SPDX-License-Identifier: MIT */
/* A root of plain files for one test, removed when the test's process ends. */
#ifndef TESTS_ROOT_H
#define TESTS_ROOT_H

/* Makes the directory and returns a descriptor of it; one at a time. */
int root_make(void);
/* Removes it before the end of the process, so that another can be made. */
void root_remove(void);
/* Its path. */
const char *root_path(void);
/* Writes a file below it, with the directories above the file. */
void root_put(const char *path, const char *text);
/* Makes a symbolic link below it, with the directories above. */
void root_link(const char *path, const char *target);
/* root_put() where the path needs a number. */
void root_put_at(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
