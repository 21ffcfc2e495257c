// Package web is the program's face: every route of both sides, one a line,
// each with the policy that says who reaches it.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/inbound"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
	"fieldgate/static"
	"fieldgate/templates/route"
	"fieldgate/web/api"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Options are what the server needs to answer.
type Options struct {
	Pool    *pgxpool.Pool
	Probe   *pgxpool.Pool // answers whether the database is there, with a connection that nothing else uses
	Storage *storage.Store
	Session *session.Manager
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	BaseURL string         // where people reach the program
	Secure  bool           // reached by HTTPS: browsers are told to stay there
	Subs    bool           // and so are all names below this one
	Metrics prometheus.Registerer
	Tracer  trace.Tracer // nil traces nothing
	Log     *slog.Logger
	Screens Screens
	API     *api.API
	opening *opening

	InboundSecret string // of mail servers that hand emails over; "" lets nobody
	TakeEmail     func(context.Context, []byte, inbound.Source) error

	Elsewhere func(context.Context, portal.Viewer, portal.Record) (int64, error) // as whom else somebody may see a record
	NoteProxy func(context.Context, netip.Addr) error                            // an unnamed one was seen
	Exported  func(ctx context.Context, by staff.Viewer, list string) error      // a list is saved as a file
}

// The addresses that watch over the program, for machines.
const (
	healthz = "/healthz"
	readyz  = "/readyz"
)

// Route is one way in: what routes.golden lists and the tests walk.
type Route struct {
	Method, Pattern, Who string
	Files                bool // it takes a form with files
}

// Handler answers every request, and Routes are the ways in.
func Handler(o Options) (http.Handler, []Route) {
	mux := chi.NewRouter()
	mux.Use(numbered, newUnnamedProxies(o).wrap, clientAddress(o.Proxies), watched(o), recovered, headers(o.Secure, o.Subs), ownHost(o.BaseURL, o.Log), named(o.BaseURL), shared, branded(o.Pool), o.opening.closed,
		wellFormed, programs(o.API), sameOrigin, bounded, asGet, compressed)
	mux.NotFound(notFound(o.Session))
	mux.MethodNotAllowed(otherMethod(mux))

	mux.Method(http.MethodGet, "/static/*", static.Handler())
	all := &table{mux: mux}
	all.open("GET", healthz, func(w http.ResponseWriter, _ *http.Request) error { return plain(w, http.StatusOK, "ok") })
	all.open("GET", readyz, func(w http.ResponseWriter, r *http.Request) error { return ready(w, r, o) })
	all.open("POST", cspReports, countReports(o.Metrics, o.Log))
	all.open("POST", inboundMail, takeMail(o.InboundSecret, o.TakeEmail))
	if d := o.Screens.Dev; d != nil {
		mux.Handle("/dev/*", d)
	}
	if o.API != nil {
		for _, op := range o.API.Routes() {
			all.rows = append(all.rows, Route{Method: op.Method, Pattern: op.Path, Who: op.Who})
		}
	}
	visitors := newVisitors()
	mux.Group(func(r chi.Router) {
		r.Use(visitors.bounded)
		looks := &table{mux: r}
		brand(looks, o.Screens.Brand)
		if o.API != nil {
			looks.open("GET", route.API, o.API.Documentation)
			looks.open("GET", route.OpenAPI, o.API.Specification)
		}
		calendars(looks, o.Screens)
		all.rows = append(all.rows, looks.rows...)
	})
	mux.Group(func(r chi.Router) {
		r.Use(o.Session.Portal(page.Fail), visitors.bounded, gate.Preview(o.Session), gate.Elsewhere(o.Elsewhere))
		theirs := &table{mux: r, again: chi.NewRouter()}
		theirs.contact("GET", "/unsent/{token}", gate.SignedIn, gate.Unsent{Again: theirs.again}.Portal)
		portalSignIn(theirs, o.Screens.Portal)
		portalScreens(theirs, o.Screens.Portal)
		all.rows = append(all.rows, theirs.rows...)
	})
	mux.Group(func(r chi.Router) {
		r.Use(o.Session.Office(page.Fail), visitors.bounded)
		ours := &table{mux: r, again: chi.NewRouter(), exported: o.Exported}
		ours.staff("GET", "/office/unsent/{token}", gate.AnyStaff, gate.Unsent{Again: ours.again}.Office)
		officeSignIn(ours, o.Screens.Office)
		officeScreens(ours, o.Screens.Office)
		administration(ours, o.Screens.Office)
		all.rows = append(all.rows, ours.rows...)
	})
	return mux, all.rows
}

// notFound answers what no route does, as to those who are signed in if they are.
func notFound(s *session.Manager) http.HandlerFunc {
	nothing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page.Fail(w, r, apperr.NotFound) })
	portal, office := s.Portal(page.Fail)(gate.Preview(s)(nothing)), s.Office(page.Fail)(nothing)
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/office/") {
			office.ServeHTTP(w, r)
		} else {
			portal.ServeHTTP(w, r)
		}
	}
}

// programs hands what the API is asked to it, before anything that is about
// browsers: no session is looked for, no form read, and no other site can send a
// token along. What it answers is packed as pages are.
func programs(api *api.API) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if api == nil {
			return next
		}
		answers := asGet(compressed(api))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if page.ForPrograms(r) {
				answers.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// branded shows failures in the look of the business to those who are not signed in.
func branded(pool *pgxpool.Pool) func(http.Handler) http.Handler {
	read := func(ctx context.Context) (portal.Business, error) { return portal.ReadBusiness(ctx, pool) }
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(page.WithBusiness(r.Context(), read)))
		})
	}
}

// table registers routes and remembers who may come.
type table struct {
	mux      chi.Router
	rows     []Route
	again    *chi.Mux // what takes forms, to show one again
	exported func(ctx context.Context, by staff.Viewer, list string) error
}

func (t *table) add(method, pattern, who string, h http.HandlerFunc) {
	t.mux.Method(method, pattern, h)
	t.rows = append(t.rows, Route{Method: method, Pattern: pattern, Who: who})
}

// entered is for whoever is signed in; a form may wait for that.
func (t *table) entered(method, pattern, who string, h http.HandlerFunc) {
	t.add(method, pattern, who, h)
	if method == http.MethodPost {
		t.again.Method(method, pattern, h)
	}
}

// open is for everybody.
func (t *table) open(method, pattern string, h func(http.ResponseWriter, *http.Request) error) {
	t.add(method, pattern, gate.Public, gate.Open(h))
}

// person is for somebody signed in to the portal, whichever customer they look at.
func (t *table) person(method, pattern string, h func(http.ResponseWriter, *http.Request, portal.Viewer) error) {
	t.add(method, pattern, gate.Person, gate.PortalPerson(h))
}

// contact is for contacts by their permissions. A list as a file is one for Excel,
// too.
func (t *table) contact(method, pattern string, p gate.PortalPolicy, h func(http.ResponseWriter, *http.Request, portal.Viewer) error) {
	t.entered(method, pattern, p.Name, gate.Portal(p, h))
	if list, isList := strings.CutSuffix(pattern, ".csv"); isList {
		t.entered(method, list+".xlsx", p.Name, gate.Portal(p, h))
	}
}

// staff is for the office. A list as a file is one for Excel, too.
func (t *table) staff(method, pattern string, p gate.OfficePolicy, h func(http.ResponseWriter, *http.Request, staff.Viewer) error) {
	if name, isList := strings.CutSuffix(path.Base(pattern), ".csv"); isList {
		h = t.recorded(name, h)
	}
	t.entered(method, pattern, p.Name, gate.Office(p, h))
	if list, isList := strings.CutSuffix(pattern, ".csv"); isList {
		t.entered(method, list+".xlsx", p.Name, gate.Office(p, h))
	}
}

// contactFiles is for forms of contacts that bring files: ask comes before they
// are read.
func (t *table) contactFiles(pattern string, p gate.PortalPolicy, ask func(*http.Request, portal.Viewer) (attachment.Room, error), h func(http.ResponseWriter, *http.Request, portal.Viewer, *upload.Form) error) {
	t.files(pattern, p.Name, gate.PortalFiles(p, ask, h))
}

// contactRequest is for those that mostly come without files.
func (t *table) contactRequest(pattern string, p gate.PortalPolicy, ask func(*http.Request, portal.Viewer) (attachment.Room, error), h func(http.ResponseWriter, *http.Request, portal.Viewer, *upload.Form) error) {
	t.files(pattern, p.Name, gate.PortalRequest(p, ask, h))
}

// staffFiles is for such forms of the office.
func (t *table) staffFiles(pattern string, p gate.OfficePolicy, ask func(*http.Request, staff.Viewer) error, h func(http.ResponseWriter, *http.Request, staff.Viewer, *upload.Form) error) {
	t.files(pattern, p.Name, gate.OfficeFiles(p, ask, h))
}

func (t *table) files(pattern, who string, h http.HandlerFunc) {
	t.entered("POST", pattern, who, h)
	t.rows[len(t.rows)-1].Files = true
}

// recorded writes down who takes a list out of the program before it leaves.
func (t *table) recorded(name string, h func(http.ResponseWriter, *http.Request, staff.Viewer) error) func(http.ResponseWriter, *http.Request, staff.Viewer) error {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		if err := t.exported(r.Context(), v, name); err != nil {
			return err
		}
		return h(w, r, v)
	}
}

func plain(w http.ResponseWriter, status int, words string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(words + "\n"))
	return nil
}

func ready(w http.ResponseWriter, r *http.Request, o Options) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if !o.opening.done.Load() {
		return plain(w, http.StatusServiceUnavailable, "not ready: starting, or the database is away")
	}
	if o.opening.ending.Load() {
		return plain(w, http.StatusServiceUnavailable, "not ready: ending")
	}
	if err := postgres.Ready(ctx, o.Probe); err != nil {
		slog.WarnContext(r.Context(), "not ready", "error", err)
		return plain(w, http.StatusServiceUnavailable, "not ready: the database is away or not migrated")
	}
	return storageReady(w, r, o.Storage)
}

// storageReady says whether storage takes files. Pages without files are
// answered all the same.
func storageReady(w http.ResponseWriter, r *http.Request, store *storage.Store) error {
	if t := store.Trouble(r.Context()); t.Any() {
		return plain(w, http.StatusServiceUnavailable, "not ready: "+t.Sentence())
	}
	return plain(w, http.StatusOK, "ready")
}
