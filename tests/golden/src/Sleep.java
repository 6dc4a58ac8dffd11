// SPDX-License-Identifier: GPL-3.0-or-later
// A Java virtual machine at rest, for its mappings.
class Sleep {
	public static void main(String[] args) throws Exception {
		byte[][] kept = new byte[10][];
		for (int i = 0; i < kept.length; i++)
			kept[i] = new byte[100000];
		Thread.sleep(100000000L);
	}
}
