/* The commands of the one program: `shanshui NAME ...`. Each gets argv from its own name on and
 * returns the exit status: 0 done, 1 failed (said why on stderr), 2 wrong words. */
#pragma once

int ss_cmd_serve(int argc, char **argv);
int ss_cmd_simulate(int argc, char **argv);
int ss_cmd_hj212(int argc, char **argv);
int ss_cmd_journal(int argc, char **argv);
int ss_cmd_device(int argc, char **argv);
int ss_cmd_standards(int argc, char **argv);
int ss_cmd_series(int argc, char **argv);
int ss_cmd_ca(int argc, char **argv);
int ss_cmd_backup(int argc, char **argv);
int ss_cmd_restore(int argc, char **argv);
int ss_cmd_audit(int argc, char **argv);
int ss_cmd_import(int argc, char **argv);
int ss_cmd_calc(int argc, char **argv);
int ss_cmd_detect(int argc, char **argv);
int ss_cmd_evidence(int argc, char **argv);
int ss_cmd_exchange(int argc, char **argv);
int ss_cmd_explain(int argc, char **argv);
int ss_cmd_rehearse(int argc, char **argv);
int ss_cmd_recompute(int argc, char **argv);
int ss_cmd_accept(int argc, char **argv);
int ss_cmd_command(int argc, char **argv);
int ss_cmd_conformance(int argc, char **argv);
int ss_cmd_openapi(int argc, char **argv);
int ss_cmd_module(int argc, char **argv);
