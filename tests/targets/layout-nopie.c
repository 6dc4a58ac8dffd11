/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout target, linked at a fixed address (-no-pie). */
#include "layout.c"
