package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/password"
	"fieldgate/internal/signin"
)

// The cookies of sessions by HTTP.
const (
	portalCookie = "fieldgate_portal"
	officeCookie = "fieldgate_office"
)

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// business is a generated one in a database of its own.
type business struct {
	jobs     int
	name     string // of the database
	owner    string // its address for the user that owns the tables
	serving  string // and for the one that serves
	files    string
	db       *pgxpool.Pool // as the owner
	postgres int           // the process of the server
	version  string
}

// openBusiness finds the business of that size in the database of that name, or has the program make it.
func openBusiness(ctx context.Context, cluster, name string, jobs int, o options) (*business, error) {
	files := jobs
	if o.tenfold { // which has the files of the one it was made of
		files = o.jobs
	}
	b := &business{jobs: jobs, name: name, files: filepath.Join(o.folder, strconv.Itoa(files))}
	admin, err := pgx.Connect(ctx, cluster)
	if err != nil {
		return nil, fmt.Errorf("reach the cluster: %w", err)
	}
	var there bool
	err = admin.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", b.name).Scan(&there)
	if err == nil && !there {
		_, err = admin.Exec(ctx, "create database "+pgx.Identifier{b.name}.Sanitize())
	}
	if err = errors.Join(err, admin.Close(ctx)); err != nil {
		return nil, fmt.Errorf("make the database %s: %w", b.name, err)
	}
	u, err := inDatabase(cluster, b.name)
	if err != nil {
		return nil, err
	}
	b.owner = u.String()
	serving := *u
	serving.User = url.User(u.User.Username() + "_bench")
	if secret, ok := u.User.Password(); ok {
		serving.User = url.UserPassword(u.User.Username()+"_bench", secret)
	}
	b.serving = serving.String()
	if !there {
		err = os.RemoveAll(b.files) // those of a business that is gone
	}
	if err = errors.Join(err, os.MkdirAll(b.files, 0o750)); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	if err := b.program(ctx, o, "migrate"); err != nil {
		return nil, err
	}
	return b, b.open(ctx, o)
}

// inDatabase is the address of a database of the cluster.
func inDatabase(cluster, name string) (*url.URL, error) {
	u, err := url.Parse(cluster)
	if err != nil {
		return nil, errors.New("DATABASE_URL is not an address")
	}
	u.Path = "/" + name
	return u, nil
}

// program runs a command of the program on the business.
func (b *business) program(ctx context.Context, o options, args ...string) error {
	cmd := exec.CommandContext(ctx, o.program, args...)
	cmd.Env = append(os.Environ(), b.environ()...)
	cmd.Stderr = os.Stderr
	if out, err := cmd.Output(); err != nil {
		return fmt.Errorf("fieldgate %s: %w\n%s", args[0], err, out)
	}
	return nil
}

func (b *business) environ() []string {
	return []string{
		"DATABASE_URL=" + b.serving, "FIELDGATE_MIGRATE_URL=" + b.owner, "FIELDGATE_STORAGE=file://" + b.files, "FIELDGATE_LOG=warn",
		"FIELDGATE_SECRET_KEY=everybody knows the secret key of the bench", "FIELDGATE_MAIL_FROM=bench@demo.test",
	}
}

func (b *business) open(ctx context.Context, o options) (err error) {
	if b.db, err = pgxpool.New(ctx, b.owner); err != nil {
		return err
	}
	var filled bool
	if err := b.db.QueryRow(ctx, "select exists (select from customers)").Scan(&filled); err != nil {
		return fmt.Errorf("read %s: %w", b.name, err)
	}
	if !filled {
		fmt.Fprintf(os.Stderr, "Generating a business with %d jobs (once, it is kept)…\n", b.jobs)
		if err := b.program(ctx, o, "generate", "--customers", strconv.Itoa(max(b.jobs/20, 20)), "--jobs", strconv.Itoa(b.jobs)); err != nil {
			return err
		}
	}
	return b.look(ctx)
}

// look finds the server's process: the parent of the one that serves us.
func (b *business) look(ctx context.Context) error {
	conn, err := b.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var backend int
	if err := conn.QueryRow(ctx, "select pg_backend_pid(), current_setting('server_version')").Scan(&backend, &b.version); err != nil {
		return err
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", backend))
	if err != nil {
		return fmt.Errorf("PostgreSQL runs on another machine, where its CPU time cannot be read: %w", err)
	}
	p, err := parseStat(line)
	b.postgres = p.parent
	return err
}

// visitor is somebody with a session.
type visitor struct {
	contact int64
	cookie  string
}

// beginSession signs somebody in, as the program would after the right password.
func (b *business) beginSession(ctx context.Context, side signin.Side, email string) (v visitor, err error) {
	n := signin.NewSession{Side: side}
	if side == signin.Office {
		err = b.db.QueryRow(ctx, "select id, stamp from staff where email = $1", email).Scan(&n.Staff, &n.Proof)
	} else {
		err = b.db.QueryRow(ctx, `
			select p.id, p.stamp, c.id from persons p join contacts c on c.person_id = p.id and c.access = 'active' where p.email = $1 order by c.id limit 1`, email).Scan(&n.Person, &n.Proof, &n.Contact)
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", email, err)
	}
	token := rand.Text()
	n.TokenHash, n.ExpiresAt = tokenHash(token), time.Now().Add(6*time.Hour)
	if n.Data, err = (scs.GobCodec{}).Encode(n.ExpiresAt, map[string]any{}); err != nil {
		return v, err
	}
	name := portalCookie
	if side == signin.Office {
		name = officeCookie
	}
	err = signin.New(b.db, nil, password.NewHasher(), nil).BeginSession(ctx, n)
	return visitor{contact: n.Contact, cookie: name + "=" + token}, err
}

// asked is where something is asked of a database.
type asked interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func one[T any](ctx context.Context, db asked, sql string, args ...any) (value T, err error) {
	if err = db.QueryRow(ctx, sql, args...).Scan(&value); err != nil {
		err = fmt.Errorf("%s: %w", sql, err)
	}
	return value, err
}
