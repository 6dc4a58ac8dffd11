/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout target, linked without shared libraries at a random address (-static-pie). */
#include "layout.c"
