// SPDX-License-Identifier: GPL-3.0-or-later
// For -fsanitize=address, whose shadow memory reserves terabytes: allocates a little and sleeps.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 100; i++)
		memset(malloc(1000 + i), 1, 1000);
	for (;;)
		pause();
}
