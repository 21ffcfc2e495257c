package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
)

// Where is what has trouble.
type Where string

// The places where bytes go.
const (
	Files     Where = "the files' storage"
	Uploads   Where = "the folder for temporary files"
	Databases Where = "the database's disk"
)

// Trouble is what hinders storage now; the zero Trouble is none.
type Trouble struct {
	Where Where
	Kind  blob.Kind
	Err   error
}

// Any reports whether there is any.
func (t Trouble) Any() bool { return t.Kind != "" }

// Sentence says it in a few words, without what only the log may tell.
func (t Trouble) Sentence() string {
	switch t.Kind {
	case "":
		return ""
	case blob.Full:
		return string(t.Where) + " is full"
	case blob.ReadOnly:
		return string(t.Where) + " is read-only"
	case blob.Refused:
		return string(t.Where) + " refuses us: its address, key or permissions are wrong"
	}
	return string(t.Where) + " is away"
}

// health is what is known of storage, from what was done and from looking.
type health struct {
	mu      sync.Mutex
	trouble Trouble
	looked  time.Time
	looking bool
}

const (
	// fresh is the age up to which a look is believed.
	fresh = 5 * time.Second
	// watching is the pause between two looks that nobody asks for; while there is
	// trouble it is fresh, so that the end of it is seen.
	watching = 30 * time.Second
	// patience is how long a look may take: a disk of another machine may hang.
	patience = 2 * time.Second
)

// note takes over what a deed has met.
func (s *Store) note(ctx context.Context, deed string, err error) {
	if t, ok := blob.Troubled(err); ok && ctx.Err() == nil {
		s.errors.WithLabelValues(deed, string(t.Kind)).Inc()
		s.health.set(Trouble{Files, t.Kind, t.Err})
	}
}

func (h *health) set(t Trouble) {
	h.mu.Lock()
	before := h.trouble
	h.trouble, h.looked = t, time.Now()
	h.mu.Unlock()
	switch {
	case t.Any() && (before.Kind != t.Kind || before.Where != t.Where):
		slog.Error("storage has trouble", "trouble", t.Sentence(), "error", t.Err)
	case !t.Any() && before.Any():
		slog.Info("storage is well again", "was", before.Sentence())
	}
}

// begin says what is known, and whether the caller should look.
func (h *health) begin() (known Trouble, look bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.looking || time.Since(h.looked) < fresh {
		return h.trouble, false
	}
	h.looking = true
	return h.trouble, true
}

func (h *health) end(t Trouble) {
	h.mu.Lock()
	h.looking = false
	h.mu.Unlock()
	h.set(t)
}

// Trouble is what hinders storage now: the store, the folder for temporary
// files, the database's disk. It looks at most every five seconds, and for two at
// most.
func (s *Store) Trouble(ctx context.Context) Trouble {
	known, look := s.health.begin()
	if !look && !known.Any() {
		if err := postgres.Room(ctx, s.pool); postgres.Full(err) { // asks nobody while nothing was noticed
			s.health.set(Trouble{Databases, blob.Full, err})
		}
		return s.Known()
	}
	if !look {
		return known
	}
	found := make(chan Trouble, 1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	go func() {
		defer cancel()
		t := s.look(ctx, known.Any())
		s.health.end(t)
		found <- t
	}()
	select {
	case t := <-found:
		return t
	case <-time.After(patience + patience/4):
		t := Trouble{Files, blob.Away, ctx.Err()}
		s.health.set(t)
		return t
	}
}

// Look looks now, whatever was known.
func (s *Store) Look(ctx context.Context) Trouble {
	ctx, cancel := context.WithTimeout(ctx, 4*patience)
	defer cancel()
	t := s.look(ctx, true)
	s.health.set(t)
	return t
}

// Known is what was found at the last look or by what was done since.
func (s *Store) Known() Trouble {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return s.health.trouble
}

// Watch looks again and again until ctx ends, for those who ask what is Known,
// and removes what killed programs have left on this machine. It begins by
// claiming the store, before there is much in it.
func (s *Store) Watch(ctx context.Context) {
	if err := s.Claim(ctx); err != nil && ctx.Err() == nil {
		slog.WarnContext(ctx, "storage is not this installation's own", "error", err)
	}
	for swept := (time.Time{}); ; {
		pause := watching
		if s.Trouble(ctx).Any() {
			pause = fresh
		}
		if now := time.Now(); now.Sub(swept) > time.Hour {
			swept = now
			if _, err := SweepTemporary(now.Add(-young), false); err != nil {
				slog.WarnContext(ctx, "temporary files were not swept", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// look asks all three. Where there was trouble a bucket has to take a file, too.
func (s *Store) look(ctx context.Context, thorough bool) Trouble {
	err := s.Ping(ctx)
	if err == nil && thorough {
		err = s.roundTrip(ctx)
	}
	if t, ok := blob.Troubled(err); ok {
		return Trouble{Files, t.Kind, t.Err}
	}
	if err != nil {
		return Trouble{Files, blob.Away, err}
	}
	if err := pingTemporary(); err != nil {
		t, _ := blob.Troubled(err)
		return Trouble{Uploads, t.Kind, err}
	}
	if err := postgres.Room(ctx, s.pool); postgres.Full(err) {
		return Trouble{Databases, blob.Full, err}
	}
	return Trouble{}
}

// roundTrip puts a megabyte, reads it and takes it back.
func (s *Store) roundTrip(ctx context.Context) error {
	key := blob.NewKey()
	if err := s.Store.Put(ctx, key, bytes.NewReader(make([]byte, 1<<20)), 1<<20, "application/octet-stream"); err != nil {
		return err
	}
	return errors.Join(s.readBack(ctx, key), s.Delete(ctx, key))
}

func (s *Store) readBack(ctx context.Context, key string) error {
	f, err := s.Store.Open(ctx, key)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, f)
	if err == nil && n != 1<<20 {
		err = fmt.Errorf("of 1048576 bytes put into storage %d came back", n)
	}
	return errors.Join(err, f.Close())
}

// pingTemporary writes where uploads wait.
func pingTemporary() error {
	f, err := os.CreateTemp("", Temporary)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 1<<20))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// Start looks at the store before anybody is served. The error says in plain
// words what an operator has to put right; a store that is away or full may be
// well by itself later, and is only logged.
func (s *Store) Start(ctx context.Context) error {
	t := s.Look(ctx)
	if t.Where == Files && t.Kind == blob.Refused {
		return fmt.Errorf("FIELDGATE_STORAGE: the storage refuses us. Check the address, the bucket's or folder's name, the key and its secret, and that it may read, write, list and delete there: %w", t.Err)
	}
	return nil
}

var (
	troubleDesc = prometheus.NewDesc("fieldgate_storage_trouble", "1 while storage is hindered: what, and how.", []string{"where", "kind"}, nil)
	missingDesc = prometheus.NewDesc("fieldgate_files_missing_total", "Requests for files whose bytes are missing from storage.", nil, nil)
)

// countErrors counts what storage refused, whether or not it is well again.
func countErrors() *prometheus.CounterVec {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fieldgate_storage_errors_total", Help: "Files that storage did not put, open or delete, by the way in which it was hindered.",
	}, []string{"operation", "kind"})
	for _, operation := range []string{"put", "open", "delete"} {
		for _, kind := range []blob.Kind{blob.Full, blob.ReadOnly, blob.Refused, blob.Away} {
			counted.WithLabelValues(operation, string(kind))
		}
	}
	return counted
}

// Describe names the figures.
func (s *Store) Describe(out chan<- *prometheus.Desc) {
	s.errors.Describe(out)
	out <- troubleDesc
	out <- missingDesc
}

// Collect reads them.
func (s *Store) Collect(out chan<- prometheus.Metric) {
	s.errors.Collect(out)
	out <- prometheus.MustNewConstMetric(missingDesc, prometheus.CounterValue, float64(s.Missing()))
	now := s.Known()
	for _, where := range []Where{Files, Uploads, Databases} {
		value := 0.0
		kind := blob.Kind("none")
		if now.Any() && now.Where == where {
			value, kind = 1, now.Kind
		}
		out <- prometheus.MustNewConstMetric(troubleDesc, prometheus.GaugeValue, value, where.short(), string(kind))
	}
}

func (w Where) short() string {
	switch w {
	case Files:
		return "files"
	case Uploads:
		return "temporary"
	case Databases:
		return "database"
	}
	return string(w)
}
