package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// ignoreNew has the kernel drop each packet that begins a connection to ln; nothing for a
// listener other than TCP's, or where the kernel refuses. The rest of begun handshakes comes
// in. The filter sees packets from the header of TCP on.
func ignoreNew(ln net.Listener) {
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	const flags, syn, ack = 13, 0x02, 0x10
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flags},
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: syn | ack},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: syn, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: ^uint32(0)},
	}
	_ = raw.Control(func(fd uintptr) {
		filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
		_ = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &filter)
	})
}
