package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/attachment"
	"fieldgate/internal/audit"
	"fieldgate/internal/calendar"
	"fieldgate/internal/config"
	"fieldgate/internal/doctor"
	"fieldgate/internal/drop"
	"fieldgate/internal/event"
	"fieldgate/internal/exchange"
	"fieldgate/internal/export"
	"fieldgate/internal/inbound"
	"fieldgate/internal/inbound/lmtp"
	"fieldgate/internal/inbound/mailbox"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/openid"
	"fieldgate/internal/outbound"
	"fieldgate/internal/password"
	"fieldgate/internal/pdf"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/queue"
	"fieldgate/internal/retention"
	"fieldgate/internal/signin"
	"fieldgate/internal/storage"
	"fieldgate/internal/token"
	"fieldgate/internal/webhook"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/api"
	brandweb "fieldgate/web/brand"
	"fieldgate/web/email"
	officeweb "fieldgate/web/office"
	portalweb "fieldgate/web/portal"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// App is the running program: its handler and the work behind it.
type App struct {
	Handler http.Handler
	Routes  []Route
	API     *api.API
	Doctor  *doctor.Doctor // looks whether the installation is well, when Watch is called
	queue   *queue.Queue
	store   *storage.Store
	opening *opening

	mailbox   *mailbox.Reader // nil when none is read
	calls     *token.Calls
	replies   mail.ReplyAddress
	takeEmail func(context.Context, []byte, inbound.Source) error

	webhooks webhook.Sender
}

// Parts are what an App is made of and does not own.
type Parts struct {
	Pool    *pgxpool.Pool // what people wait for
	Work    *pgxpool.Pool // what nobody waits for; Pool when nil
	Probe   *pgxpool.Pool // whether the database is there; Pool when nil
	Read    *pgxpool.Pool // a standby, for exports; they read from Pool when nil
	Store   *storage.Store
	Config  config.Config
	Metrics prometheus.Registerer
	Tracer  trace.Tracer // nil traces nothing
	Log     *slog.Logger
	Version string       // of the program
	Dev     http.Handler // the demo's own pages; nil elsewhere
	Queue   queue.Options

	// TellAtOnce lets nothing that becomes of a visit gather, for tests.
	TellAtOnce bool

	// PushClient calls push services, in tests; nil calls public addresses alone.
	PushClient *http.Client

	// WebhookClient calls webhooks, in tests; nil calls public addresses, and what
	// the operator allows.
	WebhookClient *http.Client

	// Look is the pause between two looks at the mailbox, between two for what
	// webhooks wait for, and how long a file of the drop folder has not changed when
	// it is whole, for tests; usual when zero.
	Look time.Duration

	// Closed keeps pages from being shown until Open.
	Closed bool

	Personas []Persona // who the visitor of the demo can be; none elsewhere
}

// New puts the program together. Work begins with Work.
func New(p Parts) (*App, error) {
	p.Work, p.Probe = cmp.Or(p.Work, p.Pool), cmp.Or(p.Probe, p.Pool)
	box, err := p.Config.Box()
	if err != nil {
		return nil, err
	}
	client, err := queue.NewClient(p.Pool)
	if err != nil {
		return nil, err
	}
	hasher := password.NewHasher()
	notifier := notify.New(client, box)
	if p.TellAtOnce {
		notifier.VisitGathering = 0
	}
	signIn := signin.New(p.Pool, box, hasher, notifier)
	if err := signIn.UsePasskeys(p.Config.BaseURL); err != nil {
		return nil, err
	}
	signIn.UseOpenID(openid.New(p.Config.OIDC.Inside), p.Config.OIDC, p.Config.BaseURL)
	if p.Metrics != nil {
		p.Metrics.MustRegister(signIn.Collector())
	}
	sessions := session.New(signIn, p.Pool, p.Config.Secure(), p.Log)
	sessions.Unsent = signin.NewUnsent(p.Pool, box)

	exports := postgres.NewSpread(p.Pool, p.Read)
	renderer := pdf.NewRenderer(p.Pool, p.Store, pdf.NewFonts(p.Config.Fonts))
	reader := portal.NewReader(p.Pool)
	contacts := portal.NewService(p.Pool, reader, notifier, p.Store, client)
	contacts.Calendars = calendar.Feeds{Box: box}
	signIn.Joined = contacts.RequestJoined

	signInScreens := portalweb.SignIn{Service: signIn, Session: sessions, Personas: personasOf(false, p.Personas)}
	app := &App{store: p.Store, opening: &opening{}}
	app.opening.done.Store(!p.Closed)
	p.Queue.Log, p.Queue.Metrics, p.Queue.Tracer = p.Log, p.Metrics, p.Tracer
	server, err := p.Config.Mail()
	if err != nil {
		return nil, fmt.Errorf("FIELDGATE_SMTP_URL: %w", err)
	}
	replies, err := p.Config.Replies(box)
	if err != nil {
		return nil, err
	}
	contacts.Replies = portal.Replies{Address: replies, From: server.From.Address, Trusted: p.Config.MailTrusted, Counted: inbound.Counter(p.Metrics)}
	if app.mailbox, err = mailboxOf(p, contacts); err != nil {
		return nil, err
	}
	app.takeEmail, app.replies = contacts.TakeEmail, replies
	emails := notify.Worker{Replies: replies, Pool: p.Work, Mailer: mail.New(server), Renderer: email.New(p.Config.BaseURL), Box: box, Store: p.Store, Log: p.Log, Metrics: p.Metrics, Notify: notifier}
	keys := push.Keys{Pool: p.Pool, Box: box}
	emails.Push, emails.PushIcon, emails.Waiting = pusher(p, keys, server.From.Address), func(version int64) string { return route.BrandAppIcon(version, "192") }, portal.NewReader(p.Work).WaitingFor
	app.Doctor = doctor.New(doctor.Installation{Config: p.Config, Pool: p.Work, Store: p.Store, Mailer: emails.Mailer})
	staff := office.New(p.Pool, notifier, p.Store, client, hasher, emails)
	staff.Webhooks = outbound.Guard{Allowed: p.Config.Webhooks}
	app.webhooks = webhook.Sender{Pool: p.Work, Box: box, Client: p.WebhookClient, Guard: staff.Webhooks, Log: p.Log, Look: p.Look, Tell: notifier.WebhookOff}
	staff.Calendars = contacts.Calendars
	importer := office.Importer{Service: office.New(p.Work, notifier, p.Store, client, hasher, emails)}
	dropped, err := dropFolder(p, importer.Service, notifier)
	if err != nil {
		return nil, err
	}
	if app.queue, err = queue.New(p.Work, p.Queue, append(append(append(emails.Work(), importer.Jobs()...), dropped...),
		queue.Register(5*time.Minute, func(ctx context.Context, photo queue.PreparePhoto) error {
			return attachment.Prepare(ctx, p.Work, p.Store, photo.Attachment)
		}),
		queue.Register(30*time.Minute, func(ctx context.Context, i queue.ImportFiles) error { return staff.WorkFileImport(ctx, i.Import) }),
		queue.Periodic("imports of files without a job", time.Minute, staff.FileImportsLost),
		queue.Periodic("sweep imports of files", time.Hour, staff.SweepFileImports),
		queue.Periodic("photos without a job", time.Minute, func(ctx context.Context) error { return attachment.PrepareLost(ctx, p.Work, client) }),
		queue.PeriodicFor(time.Hour, "sweep storage", 24*time.Hour, p.Store.Daily),
		queue.PeriodicFor(time.Hour, "retention", 24*time.Hour, func(ctx context.Context) error { return retention.Sweep(ctx, p.Work) }),
		queue.Register(6*time.Hour, func(ctx context.Context, e export.Make) error {
			return export.Maker{Source: export.Source{Pool: p.Work, Store: p.Store, Version: p.Version}, Files: p.Store, Log: cmp.Or(p.Log, slog.Default())}.Make(ctx, e.Export)
		}),
		queue.Periodic("exports", time.Hour, func(ctx context.Context) error { return export.Sweep(ctx, p.Work, p.Store) }),
		queue.Periodic("sweep", time.Hour, signIn.Sweep),
		queue.PeriodicIn(queue.Companies, "logins of companies", time.Minute, signIn.AskCompanies),
		queue.Periodic("views of earlier versions", time.Hour, func(ctx context.Context) error { return dropEarlierViews(ctx, p.Config, p.Log) }),
		queue.Periodic("sweep edits", time.Hour, func(ctx context.Context) error {
			return postgres.Transact(ctx, p.Work, func(tx postgres.Tx) error { return audit.Sweep(ctx, tx) })
		}),
		queue.Periodic("sweep what tokens left", time.Hour, func(ctx context.Context) error {
			return postgres.Transact(ctx, p.Work, func(tx postgres.Tx) error {
				if err := exchange.Sweep(ctx, tx); err != nil {
					return err
				}
				return token.Sweep(ctx, tx)
			})
		}),
	)...); err != nil {
		return nil, err
	}
	app.calls = token.NewCalls(p.Work, p.Log)
	app.API = api.New(api.Parts{
		DB: p.Pool, Answers: token.NewAnswers(p.Pool), Calls: app.calls, Reader: reader, Store: p.Store, Office: staff, Fetch: staff.Webhooks.Client(api.Fetching),
		Events: func(ctx context.Context, after int64, limit int, f event.Filter) (event.Feed, error) {
			return event.After(ctx, p.Pool, after, limit, f)
		},
	})
	large := upload.NewLargeFiles()
	app.Handler, app.Routes = Handler(Options{
		API:  app.API,
		Pool: p.Pool, Probe: p.Probe, opening: app.opening, Storage: p.Store, Session: sessions, Proxies: p.Config.Proxies,
		BaseURL: p.Config.BaseURL, Secure: p.Config.Secure(), Subs: p.Config.HSTSSubdomains, Metrics: p.Metrics, Tracer: p.Tracer, Log: p.Log,
		InboundSecret: p.Config.InboundSecret, TakeEmail: contacts.TakeEmail,
		Elsewhere: reader.Elsewhere, NoteProxy: signIn.NoteUnnamedProxy, Exported: staff.RecordExport,
		Screens: Screens{
			Portal: Portal{
				SignIn:          signInScreens,
				Links:           portalweb.Links{Service: signIn, Session: sessions, Reader: reader},
				Home:            portalweb.Home{Reader: reader},
				Jobs:            portalweb.Jobs{Reader: reader, Portal: contacts, BaseURL: p.Config.BaseURL},
				Quotes:          portalweb.Quotes{Reader: reader, Portal: contacts, Store: p.Store},
				Documents:       portalweb.Documents{Reader: reader, Renderer: renderer},
				Equipment:       portalweb.Equipment{Reader: reader, Portal: contacts},
				Files:           portalweb.Files{Reader: reader, Portal: contacts, Store: p.Store},
				Details:         portalweb.Details{Reader: reader, Portal: contacts},
				Account:         portalweb.Account{Reader: reader, SignIn: signInScreens},
				ManagedContacts: portalweb.ManagedContacts{Reader: reader, Portal: contacts},
				Keys:            portalweb.Keys{Portal: contacts, BaseURL: p.Config.BaseURL},
				Everywhere:      portalweb.Everywhere{Reader: reader},
				Calendar:        portalweb.Calendar{Reader: reader, Portal: contacts, BaseURL: p.Config.BaseURL},
				Mail:            portalweb.Mail{Reader: reader, Portal: contacts, Stopper: notify.Stopper{Pool: p.Pool, Box: box}, Keys: keys},
			},
			Office: Office{
				SignIn:        officeweb.SignIn{Service: signIn, Session: sessions, Personas: personasOf(true, p.Personas)},
				Home:          officeweb.Home{DB: p.Pool, Office: staff, Doctor: app.Doctor},
				Search:        officeweb.Search{DB: p.Pool},
				Account:       officeweb.Account{DB: p.Pool, Office: staff, SignIn: signIn, Session: sessions},
				Customers:     officeweb.Customers{DB: exports, Office: staff},
				Sites:         officeweb.Sites{DB: exports, Office: staff},
				Contacts:      officeweb.Contacts{DB: exports, Office: staff, Session: sessions, BaseURL: p.Config.BaseURL},
				CompanyLogin:  officeweb.CompanyLogin{DB: p.Pool, SignIn: signIn},
				Jobs:          officeweb.Jobs{DB: exports, Office: staff, Renderer: renderer},
				Tasks:         officeweb.Tasks{DB: p.Pool, Office: staff, Renderer: renderer},
				Time:          officeweb.Time{DB: p.Pool, Office: staff, Renderer: renderer},
				Quotes:        officeweb.Quotes{DB: exports, Office: staff, Store: p.Store, Renderer: renderer},
				Equipment:     officeweb.Equipment{DB: exports, Office: staff},
				Files:         officeweb.Files{DB: p.Pool, Office: staff, Store: p.Store, Renderer: renderer},
				Messages:      officeweb.Messages{DB: exports, Office: staff, Renderer: renderer},
				Mail:          officeweb.Mail{DB: exports, Office: staff, Mailer: emails.Mailer},
				Unconfirmed:   officeweb.Unconfirmed{DB: p.Pool, Office: staff, Store: p.Store},
				Activity:      officeweb.Activity{DB: exports},
				Notifications: officeweb.Notifications{DB: p.Pool},
				SignIns:       officeweb.SignIns{DB: exports},
				Imports:       officeweb.Imports{DB: p.Pool, Office: staff, Most: p.Config.ImportFiles(), Files: large},
				Health:        officeweb.Health{Doctor: app.Doctor},
				Tokens:        officeweb.Tokens{DB: p.Pool, Office: staff, BaseURL: p.Config.BaseURL},
				JobTypes:      officeweb.JobTypes{DB: p.Pool, Office: staff},
				Documents:     officeweb.Documents{DB: exports, Office: staff},
				Templates:     officeweb.QuoteTemplates{DB: p.Pool, Office: staff},
				Company:       officeweb.Company{DB: p.Pool, Office: staff},
				Settings:      officeweb.PortalSettings{DB: p.Pool, Office: staff},
				Retention:     officeweb.Retention{DB: p.Pool, Office: staff},
				Webhooks:      officeweb.Webhooks{DB: p.Pool, Office: staff},
				Keepers:       officeweb.Keepers{DB: p.Pool, Office: staff},
				Exports:       officeweb.Exports{DB: p.Pool, Office: staff, Store: p.Store},
				Staff:         officeweb.Staff{DB: p.Pool, Office: staff, BaseURL: p.Config.BaseURL},
				FileImports:   officeweb.FileImports{DB: p.Pool, Office: staff, Most: p.Config.ImportFiles(), Files: large},
				Numbers:       officeweb.Numbers{DB: p.Pool, Office: staff},
				Calendar:      officeweb.Calendar{DB: p.Pool, Office: staff, BaseURL: p.Config.BaseURL},
			},
			Brand: brandweb.New(p.Pool, p.Store),
			Dev:   p.Dev,
		},
	})
	return app, nil
}

// pusher sends notifications. Push services may write to whom the portal belongs
// about what it sends.
func pusher(p Parts, keys push.Keys, from string) *push.Sender {
	keys.Pool = p.Work
	s := &push.Sender{Keys: keys, Client: p.PushClient, Contact: p.Config.BaseURL}
	if !p.Config.Secure() {
		s.Contact = "mailto:" + from
	}
	if s.Client == nil {
		s.Client = outbound.Client(push.Deadline)
	}
	return s
}

// mailboxOf reads the mailbox that answers come to, if one is named.
func mailboxOf(p Parts, contacts *portal.Service) (*mailbox.Reader, error) {
	box, named, err := p.Config.Mailbox()
	if err != nil || !named {
		return nil, err
	}
	return &mailbox.Reader{Opener: mail.NewOpener(box), Pool: p.Work, Take: contacts.TakeEmail, Log: p.Log, Look: p.Look, Turn: p.Look}, nil
}

// dropFolder looks at the folder or bucket where other systems put files, if one
// is named.
func dropFolder(p Parts, business *office.Service, told *notify.Notifier) ([]queue.Worker, error) {
	if p.Config.Drop == "" {
		return nil, nil
	}
	place, err := drop.At(p.Config.Drop)
	if err != nil {
		return nil, fmt.Errorf("FIELDGATE_DROP: %w", err)
	}
	w := drop.Watcher{Pool: p.Work, Place: place, Import: office.DropFolder{Service: business, Problems: officeview.ImportProblems}, Tell: told.FileDropped, Log: cmp.Or(p.Log, slog.Default()), Still: dropStill}
	every := time.Minute
	if p.Look != 0 {
		w.Still, every = p.Look, max(10*p.Look, time.Second)
	}
	return []queue.Worker{queue.PeriodicFor(time.Hour, "drop folder", every, w.Look)}, nil
}

// dropStill is for how long a file has not changed before it is taken to be whole.
const dropStill = 30 * time.Second

// ServeLMTP takes emails from the operator's mail server until ctx ends.
func (a *App) ServeLMTP(ctx context.Context, l net.Listener, log *slog.Logger) error {
	return lmtp.Server{Take: a.takeEmail, Log: log, Ours: func(address string) bool {
		_, _, ours, _ := a.replies.Open(address)
		return ours || !a.replies.Set()
	}}.Serve(ctx, l)
}

// dropEarlierViews does in time what the next start does, where this program has
// the right to.
func dropEarlierViews(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if !cfg.Migrate {
		return nil
	}
	owner, err := postgres.Open(ctx, cfg.OwnerURL(), 1)
	if err != nil {
		return err
	}
	defer owner.Close()
	return postgres.DropUnusedViews(ctx, owner, log)
}

// Work sends mails and what webhooks are told, prepares photos and watches storage until ctx ends. While the
// database is away it keeps trying.
func (a *App) Work(ctx context.Context, log *slog.Logger) {
	var watching sync.WaitGroup
	watching.Go(func() { a.store.Watch(ctx) })
	watching.Go(func() { a.calls.Run(ctx) })
	watching.Go(func() { a.webhooks.Run(ctx) })
	if a.mailbox != nil {
		watching.Go(func() { a.mailbox.Run(ctx) })
	}
	defer watching.Wait() // it may be writing a file that it removes again
	for {
		err := a.queue.Start(ctx)
		if err == nil {
			break
		}
		log.WarnContext(ctx, "the queue cannot start yet", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := a.queue.Stop(stop); err != nil {
		log.Error("the queue did not stop in time", "error", err)
	}
}
