package lab

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// ServeTCP runs a TCP server on the loopback that treats its connections as it likes. A connection is closed when treat
// returns, and all of them are when the test ends.
func ServeTCP(t testing.TB, treat func(net.Conn)) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			running.Go(func() {
				treat(c)
				_ = c.Close() // the client may have closed it
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close() // no more are accepted
		mu.Lock()
		for _, c := range conns {
			_ = c.Close() // most are closed already
		}
		mu.Unlock()
		running.Wait()
	})
	return l.Addr()
}

// SilentAddress is host:port of a server that takes connections and never answers, as behind a firewall or with a stuck
// disk.
func SilentAddress(t testing.TB) string {
	t.Helper()
	ended := make(chan struct{})
	addr := ServeTCP(t, func(net.Conn) { <-ended })
	t.Cleanup(func() { close(ended) })
	return addr.String()
}

// RefusingAddress is host:port of a server that is not there: nothing listens.
func RefusingAddress(t testing.TB) string {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// freeAddress returns host:port on which nothing listens now. The host is one of the loopback network's many, so that
// two tests do not take the same.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(RandomLoopback().String(), "0"))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// RandomLoopback is one of the loopback network's addresses, which hardly anybody else uses: a port that is given up
// and taken again is still free there.
func RandomLoopback() net.IP {
	return net.IPv4(127, byte(2+rand.IntN(250)), byte(1+rand.IntN(250)), byte(2+rand.IntN(250)))
}
