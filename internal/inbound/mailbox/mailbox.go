// Package mailbox reads the mailbox that answers come to by IMAP. One of the
// running programs does at a time; when it goes, another one takes over.
package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/inbound"
	"fieldgate/internal/mail"
	"fieldgate/internal/postgres"
)

// Reader reads one mailbox, as long as it runs.
type Reader struct {
	Opener *mail.Opener
	Pool   *pgxpool.Pool
	// Take keeps an email. Only when it returns nil is the email marked as seen.
	Take func(context.Context, []byte, inbound.Source) error
	Log  *slog.Logger
	// Look is the pause between two looks at a server that does not tell of new
	// emails; Turn that between two tries to be the one who reads. Zero is usual.
	Look, Turn time.Duration
}

// Usual pauses. Servers that tell of new emails (IDLE) are looked at all the same,
// as some forget to.
const (
	usualLook  = time.Minute
	usualTurn  = 5 * time.Second
	whileIdle  = 5 * time.Minute
	answering  = 5 * time.Minute // what a server may take for one command
	mostAtOnce = 200             // emails between two notes of how far it came
)

const lock = `hashtextextended('fieldgate mailbox', 0)`

// Run reads until ctx ends. What fails is tried again.
func (r Reader) Run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		mine, err := r.turn(ctx)
		pause := cmp.Or(r.Turn, usualTurn)
		if err != nil && ctx.Err() == nil {
			failures++
			r.Log.WarnContext(ctx, "the mailbox cannot be read", "error", err)
			r.note(ctx, err)
			pause = min(pause<<min(failures, 6), 5*time.Minute)
		} else if mine {
			failures = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// note keeps what is wrong, for those who ask how the reading gets on.
func (r Reader) note(ctx context.Context, failed error) {
	_, err := r.Pool.Exec(ctx, `update mailbox set failing_since = coalesce(failing_since, now()), words = $1`, strings.ToValidUTF8(r.Opener.ExplainMailbox(failed).What, "?"))
	if err != nil {
		r.Log.WarnContext(ctx, "it cannot be noted that the mailbox cannot be read", "error", err)
	}
}

// turn reads as long as nobody else does. The right to read hangs on a connection
// to the database: it goes with the program, however that ends.
func (r Reader) turn(ctx context.Context) (mine bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, r.Pool.Config().ConnConfig)
	if err != nil {
		return false, fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the lock goes with it
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(`+lock+`)`).Scan(&mine); err != nil || !mine {
		return false, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel(nil)
	watching.Go(func() { // who has lost the right must not go on
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(2 * time.Second):
			}
			ask, done := context.WithTimeout(ctx, 3*time.Second)
			_, err := conn.Exec(ask, "select 1")
			done()
			if err != nil {
				cancel(fmt.Errorf("the database is away: %w", err))
				return
			}
		}
	})
	if err := r.read(ctx); err != nil {
		return true, errors.Join(err, context.Cause(ctx))
	}
	return true, nil
}

// read reads over one connection until that breaks.
func (r Reader) read(ctx context.Context) error {
	news := make(chan struct{}, 1)
	client, closed, err := r.Opener.Open(ctx, func() {
		select {
		case news <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer closed()
	s := session{Reader: r, client: client}
	if err := s.open(ctx); err != nil {
		return err
	}
	for {
		more, err := s.look(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		if err := s.wait(ctx, news); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// session is one connection to the mailbox.
type session struct {
	Reader
	client *imapclient.Client
	name   string // of the folder, whoever's it is
	valid  uint32
	next   imap.UID          // all before it were taken, or were there before us
	tried  map[imap.UID]bool // since the last pause, and whether they were taken
}

// within ends a connection whose server does not answer.
func (s *session) within(what string, do func() error) error {
	var late atomic.Bool
	stop := time.AfterFunc(answering, func() { late.Store(true); _ = s.client.Close() })
	err := do()
	if !stop.Stop() && late.Load() {
		err = errors.Join(errors.New("the server does not answer"), err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func (s *session) open(ctx context.Context) error {
	var selected *imap.SelectData
	err := s.within("open the folder "+s.Opener.Folder, func() (err error) {
		selected, err = s.client.Select(s.Opener.Folder, nil).Wait()
		return err
	})
	if err != nil {
		return err
	}
	s.name, s.valid, s.next = s.Opener.Where(), selected.UIDValidity, selected.UIDNext
	if s.Opener.Processed != "" {
		_ = s.within("make the folder", func() error { return s.client.Create(s.Opener.Processed, nil).Wait() }) // it is there already, or moving fails
	}
	// A folder that is new to us: what was read in it before we came stays as it is.
	var name string
	var valid, next int64
	err = s.Pool.QueryRow(ctx, `
		update mailbox set next_number = case when name = @name and validity = @valid then next_number else @next end, name = @name, validity = @valid
		returning name, validity, next_number`,
		pgx.NamedArgs{"name": s.name, "valid": int64(s.valid), "next": int64(selected.UIDNext)}).Scan(&name, &valid, &next)
	if err != nil {
		return fmt.Errorf("ask how far the mailbox was read: %w", err)
	}
	s.next = imap.UID(next)
	return nil
}

// look takes what has come, and reports whether there may be more.
func (s *session) look(ctx context.Context) (more bool, err error) {
	uids, err := s.waiting()
	if err != nil {
		return false, err
	}
	// Each is tried once between two pauses: what cannot be taken keeps nothing else waiting.
	uids = slices.DeleteFunc(uids, func(uid imap.UID) bool { _, tried := s.tried[uid]; return tried })
	if more = len(uids) > mostAtOnce; more {
		uids = uids[:mostAtOnce]
	}
	if s.tried == nil {
		s.tried = map[imap.UID]bool{}
	}
	failed := 0
	for _, taken := range s.tried {
		if !taken {
			failed++
		}
	}
	next := s.next
	for _, uid := range uids {
		if err := s.one(ctx, uid); err != nil {
			if ctx.Err() != nil || s.closed() {
				return false, err
			}
			failed++
			s.tried[uid] = false
			s.Log.ErrorContext(ctx, "an email could not be taken and is tried again", "number", uid, "error", err)
			if postgres.Away(err) {
				return false, err
			}
			continue
		}
		s.tried[uid] = true
		if failed == 0 && uid >= next {
			next = uid + 1
		}
	}
	s.next = next
	words := ""
	if failed > 0 {
		words = fmt.Sprintf("%d emails could not be taken; the log says why.", failed)
	}
	_, err = s.Pool.Exec(ctx, `update mailbox set looked_at = now(), next_number = $1, words = $2, failing_since = case when $2 = '' then null else coalesce(failing_since, now()) end`, int64(next), words)
	if err != nil {
		return false, fmt.Errorf("note how far the mailbox was read: %w", err)
	}
	if !more {
		s.tried = nil
	}
	return more, nil
}

func (s *session) closed() bool {
	select {
	case <-s.client.Closed():
		return true
	default:
		return false
	}
}

// waiting are the numbers of emails that nobody has opened, and of those that came
// since the last look, which somebody may have.
func (s *session) waiting() (uids []imap.UID, err error) {
	for i, criteria := range []imap.SearchCriteria{
		{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}},
		{UID: []imap.UIDSet{{imap.UIDRange{Start: s.next, Stop: 0}}}, NotFlag: []imap.Flag{imap.FlagDeleted}},
	} {
		err := s.within("look for new emails", func() error {
			found, err := s.client.UIDSearch(&criteria, nil).Wait()
			if err != nil {
				return err
			}
			for _, uid := range found.AllUIDs() {
				if i == 0 || uid >= s.next { // a server answers with the last one, too, when there is none
					uids = append(uids, uid)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids), nil
}

// one takes an email, and only then marks it.
func (s *session) one(ctx context.Context, uid imap.UID) error {
	from := inbound.Source{Way: inbound.IMAP, Place: fmt.Sprintf("%s %d/%d", s.name, s.valid, uid)}
	set := imap.UIDSetNum(uid)
	known, err := s.known(ctx, from.Place)
	if err != nil {
		return err
	}
	if !known {
		raw, size, err := s.fetch(set)
		if err != nil || raw == nil { // it has gone meanwhile
			return err
		}
		from.Size = size
		if err := s.take(ctx, raw, from); err != nil {
			return err
		}
	}
	return s.within("mark an email", func() error {
		err := s.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
		if err == nil && s.Opener.Processed != "" {
			_, err = s.client.Move(set, s.Opener.Processed).Wait()
		}
		return err
	})
}

func (s *session) known(ctx context.Context, place string) (known bool, err error) {
	if err = s.Pool.QueryRow(ctx, `select exists (select from inbound_emails where place = $1)`, place).Scan(&known); err != nil {
		return false, fmt.Errorf("ask whether an email is known: %w", err)
	}
	return known, nil
}

// take turns a panic into an error, so that one email does not stop the others.
func (s *session) take(ctx context.Context, raw []byte, from inbound.Source) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return s.Take(ctx, raw, from)
}

// fetch reads an email; of one that is too large its header alone.
func (s *session) fetch(set imap.UIDSet) (raw []byte, size int64, err error) {
	part := &imap.FetchItemBodySection{Peek: true}
	err = s.within("read an email", func() error {
		found, err := s.client.Fetch(set, &imap.FetchOptions{RFC822Size: true, UID: true}).Collect()
		if err != nil || len(found) == 0 {
			return err
		}
		if size = found[0].RFC822Size; size > inbound.MaxRaw {
			part.Specifier = imap.PartSpecifierHeader
		}
		found, err = s.client.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{part}}).Collect()
		if err == nil && len(found) > 0 && len(found[0].BodySection) > 0 {
			raw = found[0].BodySection[0].Bytes
		}
		return err
	})
	return raw, size, err
}

// wait waits for new emails.
func (s *session) wait(ctx context.Context, news <-chan struct{}) error {
	pause := cmp.Or(s.Look, usualLook)
	idles := s.client.Caps().Has(imap.CapIdle)
	if idles && s.Look == 0 {
		pause = whileIdle
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	if !idles {
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.client.Closed():
			return errors.New("the mailbox has closed the connection")
		}
		return nil
	}
	var idle *imapclient.IdleCommand
	if err := s.within("wait for news", func() (err error) { idle, err = s.client.Idle(); return err }); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-news:
	case <-timer.C:
	case <-s.client.Closed():
		return errors.New("the mailbox has closed the connection")
	}
	return s.within("wait for news", func() error { return errors.Join(idle.Close(), idle.Wait()) })
}
