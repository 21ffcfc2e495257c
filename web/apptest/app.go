// Package apptest runs the whole program for a test: real database, real
// files, real mail over SMTP, and browsers with a cookie jar.
package apptest

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/demo"
	"fieldgate/internal/blob"
	"fieldgate/internal/config"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
	"fieldgate/web"
	"fieldgate/web/dev"
)

// App is a program of the test's own, with the people of fixtures.
type App struct {
	URL    string
	Pool   *pgxpool.Pool
	Store  *storage.Store
	Mail   *catcher.Catcher
	Routes []web.Route
	// Operations are the routes of the API, which are no pages.
	Operations []web.Route
	trips      *trips
	lmtp       func(context.Context, net.Listener, *slog.Logger) error
	disk       *disk
	// address is where people reach the program, if that is not URL.
	address string
	log     io.Writer // where the program's log goes, if it is looked at
	tokens  *catcher.Provider
	push    *PushService
	hooks   *Receiver
	local   bool // people open it as localhost, where browsers keep passkeys without HTTPS
	end     func(meanwhile func())
	// configure changes the settings of tests.
	configure func(*config.Config)
	t         testing.TB
	// serve begins to serve, and stop ends it; at is where.
	serve func(again net.Listener)
	stop  func()
	at    string
}

// New starts a program that ends with the test, with the people of fixtures.
func New(t testing.TB) *App {
	t.Helper()
	return start(t, within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) {
		a.fill()
		a.files()
	})
}

// NewOn is New with a database at url, within limits: for tests of what happens
// when it hangs.
func NewOn(t testing.TB, url string, l postgres.Limits) *App {
	t.Helper()
	return start(t, within(t, url, l), folder(t), func(a *App) {
		a.fill()
		a.files()
	})
}

// NewSecure is New for a business that customers reach by HTTPS at the address.
// Browsers of tests, which speak HTTP, do not stay signed in.
func NewSecure(t testing.TB, address string) *App {
	t.Helper()
	a := &App{t: t, address: address}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) { a.fill() })
	return a
}

// NewLogged is New with a log that the test reads.
func NewLogged(t testing.TB, log io.Writer) *App {
	t.Helper()
	a := &App{t: t, log: log}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) { a.fill() })
	return a
}

// NewByToken is New with a mail server that takes nothing but the provider's tokens.
func NewByToken(t testing.TB, p *catcher.Provider) *App {
	t.Helper()
	a := &App{t: t, tokens: p}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) { a.fill() })
	return a
}

// NewLocal is New at an address for which browsers keep passkeys.
func NewLocal(t testing.TB) *App {
	t.Helper()
	a := &App{t: t, local: true}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) { a.fill() })
	return a
}

// NewAnswered is New for a business whose emails can be answered, with settings as
// the test has them.
func NewAnswered(t testing.TB, configure func(*config.Config)) *App {
	t.Helper()
	return answeredOn(t, dbtest.New(t), folder(t), configure, func(a *App) { a.fill() })
}

// AnsweredOn is NewAnswered on a database and files that are there.
func AnsweredOn(t testing.TB, of *App, configure func(*config.Config)) *App {
	t.Helper()
	return answeredOn(t, of.Pool, of.disk.Store, configure, func(*App) {})
}

func answeredOn(t testing.TB, db *pgxpool.Pool, files blob.Store, configure func(*config.Config), fill func(*App)) *App {
	t.Helper()
	a := &App{t: t, configure: func(c *config.Config) {
		c.ReplyAddress, c.InboundSecret = "replies@portal.test", InboundSecret
		if configure != nil {
			configure(c)
		}
	}}
	a.start(within(t, db.Config().ConnString(), limits), files, fill)
	return a
}

// InboundSecret is that of the mail server of tests.
const InboundSecret = "the mail server's secret of tests"

// limits are those of pages, with time enough for a busy machine.
var limits = postgres.Limits{
	Connections: 8, Wait: 30 * time.Second, Statement: 30 * time.Second, Request: time.Minute, Long: time.Minute, Lock: 30 * time.Second, Idle: time.Minute,
}

func within(t testing.TB, url string, l postgres.Limits) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.OpenWithin(context.Background(), url, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// On starts a program on a database and files that are there.
func On(t testing.TB, db *pgxpool.Pool, files blob.Store) *App {
	t.Helper()
	return start(t, within(t, db.Config().ConnString(), limits), files, func(*App) {})
}

func folder(t testing.TB) blob.Store {
	t.Helper()
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// NewBusiness starts a program on its first day, with Ada and Ben of fixtures
// and nothing else.
func NewBusiness(t testing.TB) *App {
	t.Helper()
	url := dbtest.Empty(t)
	owner, err := postgres.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := postgres.Migrate(t.Context(), owner, dbtest.Serving(t), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return start(t, within(t, dbtest.ServingURL(t, url), limits), folder(t), func(a *App) {
		a.insert(`insert into staff (name, email, role, state) values ('Ada Fontaine', 'ada@demo.test', 'administrator', 'active'), ('Ben Whitlock', 'ben@demo.test', 'office', 'active')`)
	})
}

// NewDemo starts a program with the demo business, for pictures of full pages.
func NewDemo(t testing.TB) *App {
	t.Helper()
	return start(t, within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) {
		if err := demo.Fill(context.Background(), a.Pool, a.Store, password.NewHasher(), time.Now(), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	})
}

// NewGenerated starts a program with a generated business.
func NewGenerated(t testing.TB, size demo.Size) *App {
	t.Helper()
	return start(t, within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) {
		if err := demo.Generate(context.Background(), dbtest.Owner(t, a.Pool), a.Store, password.NewHasher(), size, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	})
}

func start(t testing.TB, pool *pgxpool.Pool, files blob.Store, fill func(*App)) *App {
	t.Helper()
	a := &App{t: t}
	a.start(pool, files, fill)
	return a
}

func (a *App) start(pool *pgxpool.Pool, files blob.Store, fill func(*App)) {
	t := a.t
	t.Helper()
	a.trips = &trips{}
	cfg := pool.Config()
	cfg.ConnConfig.Tracer = multitracer.New(cfg.ConnConfig.Tracer, a.trips)
	var err error
	if a.Pool, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Pool.Close)
	var oauth mail.OAuth
	var options catcher.Options
	if a.tokens != nil {
		oauth, options = a.tokens.OAuth(), catcher.Options{Encryption: mail.StartTLS, User: "portal@northwind.test", Token: a.tokens.Good}
	}
	if a.Mail, err = catcher.StartWith("127.0.0.1:0", options); err != nil {
		t.Fatal(err)
	}
	smtp := strings.Replace(a.Mail.URL(), "tls=starttls", "tls=insecure", 1) // its certificate is its own
	t.Cleanup(func() { _ = a.Mail.Close() })
	a.disk = &disk{Store: files}
	a.Store = storage.New(a.Pool, a.disk)
	fill(a)
	a.serve = func(again net.Listener) { a.run(cfg.ConnString(), smtp, oauth, again) }
	a.serve(nil)
	t.Cleanup(func() { a.stop() })
}

// Restart ends the program in the middle of what it does, as an operator who puts a new
// version in its place, and starts it again at the same address.
func (a *App) Restart() {
	a.t.Helper()
	a.stop()
	again, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", a.at)
	if err != nil {
		a.t.Fatal(err)
	}
	a.serve(again)
}

// run serves until stop is called: where it was served before, if it was.
func (a *App) run(database, smtp string, oauth mail.OAuth, again net.Listener) {
	t := a.t
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	if again != nil {
		_ = server.Listener.Close()
		server.Listener = again
	}
	a.at = server.Listener.Addr().String()
	a.URL = "http://" + server.Listener.Addr().String()
	if a.local {
		a.URL = strings.Replace(a.URL, "127.0.0.1", "localhost", 1)
	}
	log := slog.New(slog.DiscardHandler)
	if a.log != nil {
		log = slog.New(slog.NewTextHandler(a.log, nil))
	}
	if os.Getenv("FIELDGATE_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(t.Output(), nil))
		slog.SetDefault(log)
	}
	settings := config.Config{BaseURL: cmp.Or(a.address, a.URL), HSTSSubdomains: a.address != "", SecretKey: "the secret key of the tests is no secret", SMTPURL: smtp, OAuth: oauth, MailFrom: "portal@northwind.test"}
	if a.configure != nil {
		a.configure(&settings)
	}
	var client *http.Client
	if a.push != nil {
		client = a.push.Client()
	}
	var hooked *http.Client
	if a.hooks != nil {
		hooked = a.hooks.client()
	}
	app, err := web.New(web.Parts{
		PushClient: client, WebhookClient: hooked,
		Pool: a.Pool, Probe: within(t, database, postgres.Probe()), Store: a.Store, Metrics: prometheus.NewRegistry(), Log: log, Dev: dev.Handler(a.Mail),
		Config: settings, Look: 100 * time.Millisecond,
		Queue: queue.Options{Test: true, Poll: 2 * time.Second}, TellAtOnce: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.lmtp = app.ServeLMTP
	a.Operations, a.Routes = nil, nil
	for _, r := range app.Routes {
		if strings.HasPrefix(r.Who, "api: ") {
			a.Operations = append(a.Operations, r)
		} else {
			a.Routes = append(a.Routes, r)
		}
	}
	server.Config.Handler = app.Handler
	server.Start()
	ctx, cancel := context.WithCancel(context.Background())
	worked := make(chan struct{})
	go func() { app.Work(ctx, log); close(worked) }()
	a.end = func(meanwhile func()) {
		cancel()
		meanwhile()
		<-worked
	}
	a.stop = func() {
		server.CloseClientConnections()
		server.Close()
		a.end(func() {})
	}
}

// EndWork ends what the program does behind requests, as when it is told to end.
// It is told before meanwhile, and has ended afterwards.
func (a *App) EndWork(meanwhile func()) { a.end(meanwhile) }

// LMTP takes emails as the operator's mail server hands them over, until the test
// ends, and returns at which address.
func (a *App) LMTP() string {
	a.t.Helper()
	l, err := (&net.ListenConfig{}).Listen(a.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		a.t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- a.lmtp(ctx, l, slog.New(slog.DiscardHandler)) }()
	a.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			a.t.Error(err)
		}
	})
	return l.Addr().String()
}

// Password is everybody's.
const Password = "let-me-look-around"

// hash is made once: it is meant to be slow.
var hash = sync.OnceValues(func() (string, error) { return password.NewHasher().Hash(context.Background(), Password) })

func (a *App) fill() { a.insert(fixtures) }

// insert runs statements, and gives everybody who signs in the password of tests.
func (a *App) insert(sql string) {
	a.t.Helper()
	h, err := hash()
	if err != nil {
		a.t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := a.Pool.Exec(ctx, sql); err != nil {
		a.t.Fatal("fixtures: ", err)
	}
	for _, sql := range []string{`update persons set password_hash = $1`, `update staff set password_hash = $1 where state = 'active'`} {
		if _, err := a.Pool.Exec(ctx, sql, h); err != nil {
			a.t.Fatal("fixtures: ", err)
		}
	}
}

// Files of Harbour Dental's job J-1001: one that is shared with the customer,
// and one that is not.
const (
	SharedFile = "sharedfileofharbour000000000001"
	HiddenFile = "hiddenfileofharbour000000000001"
)

// files puts a shared and a hidden document on J-1001.
func (a *App) files() {
	a.t.Helper()
	for id, content := range map[string]string{SharedFile: "Shared report.", HiddenFile: "OFFICE-ONLY calculation."} {
		key := blob.NewKey()
		if err := a.Store.Put(context.Background(), key, strings.NewReader(content), int64(len(content)), "text/plain"); err != nil {
			a.t.Fatal(err)
		}
		a.Exec(`insert into attachments (public_id, customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id)
			values ($1, 1, 1, $2, 'document', 'text/plain; charset=utf-8', $3, $4, $5, 1)`, id, strings.Fields(content)[0]+".txt", len(content), key, id == SharedFile)
	}
}

// Exec changes the database behind the program's back: tests move rows, not time.
func (a *App) Exec(sql string, args ...any) {
	a.t.Helper()
	if _, err := a.Pool.Exec(context.Background(), sql, args...); err != nil {
		a.t.Fatal(err)
	}
}

// ExecAsOwner is Exec for what only the owner of the schema may do.
func (a *App) ExecAsOwner(sql string) {
	a.t.Helper()
	if _, err := dbtest.Owner(a.t, a.Pool).Exec(context.Background(), sql); err != nil {
		a.t.Fatal(err)
	}
}

// Admin runs statements on the server through another database, so that they
// reach it when the program's own takes nobody in.
func (a *App) Admin() func(sql string) {
	a.t.Helper()
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = c.Close(context.Background()) })
	return func(sql string) {
		a.t.Helper()
		if _, err := c.Exec(context.Background(), sql); err != nil {
			a.t.Fatal(err)
		}
	}
}

// Today is the business's day.
func (a *App) Today() day.Day {
	a.t.Helper()
	return Value[day.Day](a, `select business_day()`)
}

// Value reads one value from the database.
func Value[T any](a *App, sql string, args ...any) T {
	a.t.Helper()
	var v T
	if err := a.Pool.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		a.t.Fatal(err)
	}
	return v
}
