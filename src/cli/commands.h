/* SPDX-License-Identifier: MIT */
/* The commands there are; each stands in cmd-<name>.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct cli_command cmd_convert;
extern const struct cli_command cmd_check;
extern const struct cli_command cmd_machine;
extern const struct cli_command cmd_show;
extern const struct cli_command cmd_oci;
extern const struct cli_command cmd_vm;
extern const struct cli_command cmd_run;
extern const struct cli_command cmd_move;
extern const struct cli_command cmd_set;
extern const struct cli_command cmd_rules;
extern const struct cli_command cmd_doctor;
extern const struct cli_command cmd_test;

#endif
