/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout target, linked without shared libraries (-static). */
#include "layout.c"
