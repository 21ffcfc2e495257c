// Package listen takes connections over HTTP: no more than the program can
// hold, and none for longer than it gets on. What somebody holds open without
// using it costs others nothing.
package listen

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Limits say how many connections there may be, and how slow.
type Limits struct {
	Most    int // connections
	OfOne   int // connections of one address
	Header  time.Duration
	Idle    time.Duration // between two requests
	Grace   time.Duration // without a byte of what is sent or received
	Slowest int           // bytes in a second, once the grace is used up
	Buffer  int           // bytes that wait in the system for a reader; twice as much memory

	Linger      time.Duration // for the rest of a form that is not read any more
	LingerBytes int64
}

// Usual are the limits of the program. The slowest phones send and receive
// several times as much as Slowest.
var Usual = Limits{
	Most: 10_000, OfOne: 256, Header: 10 * time.Second, Idle: 2 * time.Minute, Grace: 30 * time.Second, Slowest: 1 << 10, Buffer: 64 << 10,
	Linger: 20 * time.Second, LingerBytes: 32 << 20,
}

// Server serves one address.
type Server struct {
	Handler http.Handler
	Limits  Limits
	Proxies []netip.Prefix        // many people come from these, whom no limit of one address holds
	Metrics prometheus.Registerer // none when nil
	Log     *slog.Logger
}

// Serve serves until ctx ends, then lets requests in flight end.
func (s Server) Serve(ctx context.Context, l net.Listener) error {
	c := newCrowd(s.Limits, s.Proxies)
	if s.Metrics != nil {
		s.Metrics.MustRegister(c.open, c.cut)
	}
	server := &http.Server{
		Handler: s.paced(c, s.Handler), ReadHeaderTimeout: s.Limits.Header, ReadTimeout: s.Limits.Grace, IdleTimeout: s.Limits.Idle, MaxHeaderBytes: 64 << 10,
		ErrorLog:    slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(&listener{Listener: l, crowd: c}) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		s.Log.Warn("requests were cut off", "error", err)
	}
	return nil
}

type connKey struct{}

// paced tells the crowd who is at work, and gives bodies their time.
func (s Server) paced(c *crowd, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(*conn); ok {
			c.works(conn)
			defer c.rests(conn)
		}
		deadline := http.NewResponseController(w)
		switch {
		case r.Body == http.NoBody:
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			// A body that nobody reads, and that need not come: the server would wait for it.
			w.Header().Set("Connection", "close")
			_ = deadline.SetReadDeadline(time.Now())
			r.Body = http.NoBody
		default:
			paced := *r // the server's own keeps its body, by which it knows that some was left
			paced.Body = &body{ReadCloser: r.Body, deadline: deadline, pace: newPace(s.Limits)}
			r = &paced
		}
		next.ServeHTTP(w, r)
	})
}
