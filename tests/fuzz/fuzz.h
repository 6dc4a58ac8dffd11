/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one function that every fuzz target defines. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Feeds @size bytes at @data to a parser; returns 0. Called by libFuzzer, or by main.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
