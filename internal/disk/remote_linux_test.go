package disk

import "testing"

func TestIsRemote_Numbers(t *testing.T) {
	for magic, want := range map[uint32]string{
		0x6969: "NFS", 0x517b: "SMB", 0xfe534d42: "SMB", 0xff534d42: "SMB", 0x01021997: "9p", 0x00c36400: "CephFS",
		0x5346414f: "AFS", 0x6b414653: "AFS", 0x73757245: "Coda", 0x7461636f: "OCFS2", 0x01161970: "GFS2", 0x0bd00bd0: "Lustre",
		// local ones: ext4, xfs, btrfs, zfs, tmpfs, overlayfs, f2fs, FUSE
		0xef53: "", 0x58465342: "", 0x9123683e: "", 0x2fc12fc1: "", 0x01021994: "", 0x794c7630: "", 0xf2f52010: "", 0x65735546: "",
	} {
		if got, remote := remoteKind(magic); got != want || remote != (want != "") {
			t.Errorf("remoteKind(%#x) = %q, %v; want %q", magic, got, remote, want)
		}
	}
}

func TestIsRemote_FUSE(t *testing.T) {
	const mounts = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
90 22 0:41 / /mnt/gluster rw,relatime shared:2 master:3 - fuse.glusterfs one:/volume rw,user_id=0
91 22 0:42 / /mnt/a\040-\040b rw - fuse.sshfs me@host:/ rw
92 22 0:43 / /mnt/windows rw - fuseblk /dev/sdb1 rw
93 22 0:44 / /mnt/app rw - fuse.AppImage AppImage ro
`
	for _, tc := range []struct {
		major, minor uint32
		want         string
	}{{0, 41, "GlusterFS"}, {0, 42, "sshfs"}, {0, 43, ""}, {0, 44, ""}, {0, 4, ""}, {8, 1, ""}} {
		if got, remote := fuseKind(mounts, tc.major, tc.minor); got != tc.want || remote != (tc.want != "") {
			t.Errorf("fuseKind(%d:%d) = %q, %v; want %q", tc.major, tc.minor, got, remote, tc.want)
		}
	}
}
