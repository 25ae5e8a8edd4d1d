//go:build !(linux && (amd64 || arm64))

package launcher

import (
	"context"
	"net"
	"runtime"
)

func trace(context.Context, TraceOptions) (*TraceReport, error) {
	return nil, cannotTrace(nil, "on "+runtime.GOOS+"/"+runtime.GOARCH+" named-jail does not know how to follow system calls",
		"Trace on Linux, on an amd64 or arm64 machine; or use the system's own tracer (truss, ktrace) on the command that starts named.")
}

func tracedServers() []net.TCPAddr { return nil }
