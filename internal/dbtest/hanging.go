package dbtest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Line is a way to a database that can hang: connections are taken and stay, and
// nothing comes through, as with a server that is stopped or a network that
// swallows what is sent.
type Line struct {
	URL string // of the database, by this way

	mu      sync.Mutex
	through chan struct{} // closed while the line works
}

// Hanging returns a line to a migrated database that goes away with the test.
func Hanging(t testing.TB) *Line {
	t.Helper()
	cfg, err := pgx.ParseConfig(URL(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: l.Addr().String(), Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	line := &Line{URL: u.String(), through: make(chan struct{})}
	close(line.through)
	t.Cleanup(func() {
		_ = l.Close()
		line.Hang(false)
	})
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go line.join(from, network, address)
		}
	}()
	return line
}

// Hang stops the line, or lets what waits come through.
func (l *Line) Hang(stop bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.through:
		if stop {
			l.through = make(chan struct{})
		}
	default:
		if !stop {
			close(l.through)
		}
	}
}

func (l *Line) wait() {
	l.mu.Lock()
	through := l.through
	l.mu.Unlock()
	<-through
}

func (l *Line) join(from net.Conn, network, address string) {
	defer from.Close()
	l.wait()
	to, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer to.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			_, _ = io.Copy(gated{way[1], l}, way[0])
			_ = way[1].Close()
		})
	}
	both.Wait()
}

type gated struct {
	net.Conn
	line *Line
}

func (g gated) Write(b []byte) (int, error) {
	g.line.wait()
	return g.Conn.Write(b)
}
