package officeweb

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Keepers are the screens of Administration → Who keeps it, and of what contacts ask
// of the systems that keep something.
type Keepers struct {
	DB     postgres.DB
	Office *office.Service
}

// queryOrigin adds to a batch which system keeps a thing, and what was asked of it.
func queryOrigin(b *postgres.Batch, v staff.Viewer, into *officeview.Origin, kind keeper.Kind, row int64) {
	into.Keeper, into.Format = v.Keepers.Keeps(kind), v.Format
	if into.Keeper.Elsewhere() {
		keeper.QueryIDs(b, &into.IDs, kind, row)
		keeper.QueryOf(b, &into.Requests, kind, row)
	}
}

// Show is the setting.
func (h Keepers) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	all, err := keeper.Settings(r.Context(), h.DB)
	if err != nil {
		return err
	}
	return h.setting(w, r, v, officeview.KeepersPage{Settings: all}, http.StatusOK)
}

func (h Keepers) setting(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.KeepersPage, status int) error {
	view.Page = officeview.Page(v, "Who keeps it", route.AdminKeepers)
	return page.Render(w, r, status, officeview.Keepers(view))
}

// Save changes the setting.
func (h Keepers) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	now, err := keeper.Settings(r.Context(), h.DB)
	if err != nil {
		return err
	}
	typed := slices.Clone(now)
	for i, s := range now {
		typed[i].Label, typed[i].Source, typed[i].Version = form.Text(r, s.Field("label")), strings.ToLower(form.Text(r, s.Field("source"))), form.ID(r, s.Field("version"))
		if typed[i].Source == "" {
			typed[i].Source = shortName(typed[i].Label)
		}
	}
	err = h.Office.SetKeepers(r.Context(), v, typed)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.setting(w, r, v, officeview.KeepersPage{Settings: typed, Problems: problems}, http.StatusUnprocessableEntity)
	}
	if errors.Is(err, apperr.Stale) {
		for i, s := range now {
			typed[i].Version = s.Version
		}
		return h.setting(w, r, v, officeview.KeepersPage{Settings: typed, Now: now}, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Who keeps what is saved.")
	return page.Redirect(w, r, route.AdminKeepers)
}

// shortName is what a system is called among ids, as long as nobody says otherwise.
func shortName(label string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(label))
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' }), "-")
	return name[:min(len(name), 40)]
}

// Requests lists what contacts have asked other systems for.
func (h Keepers) Requests(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	values := r.URL.Query()
	f, filters := keeper.Filter{State: keeper.Waiting}, map[string]string{}
	if show := values.Get("show"); show == "all" {
		f.State, filters["show"] = "", show
	} else if slices.Contains(keeper.States, keeper.State(show)) && keeper.State(show) != keeper.Waiting {
		f.State, filters["show"] = keeper.State(show), show
	}
	if k := keeper.Kind(values.Get("kind")); slices.Contains(keeper.Kinds, k) {
		f.Kind, filters["kind"] = k, string(k)
	}
	if values.Get("late") != "" {
		f.Late, filters["late"] = true, "yes"
	}
	view := officeview.RequestsPage{
		Page: officeview.Page(v, "Requests to other systems", ""), Format: v.Format,
		Listing: officeview.Listing{URL: route.OfficeRequests, Orders: keeper.Orders, Query: keeper.Orders.Read(values), Filters: filters},
	}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		keeper.QueryRequests(b, &view.Requests, &view.Counts, view.Listing.Query, f)
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Requests(view))
}

// Request is one of them.
func (h Keepers) Request(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.request(w, r, v, keeper.Reply{}, nil, "")
}

func (h Keepers) request(w http.ResponseWriter, r *http.Request, v staff.Viewer, typed keeper.Reply, problems problem.Set, notice string) error {
	req, err := keeper.Find(r.Context(), h.DB, idIn(chi.URLParam(r, "id")))
	if err != nil {
		return err
	}
	view := officeview.RequestPage{Page: officeview.Page(v, officeview.RequestTitle(req), ""), Request: req, Format: v.Format, Reply: typed, Problems: problems, Notice: notice}
	status := http.StatusOK
	switch {
	case len(problems) > 0:
		status = http.StatusUnprocessableEntity
	case notice != "":
		status = http.StatusConflict
	}
	return page.Render(w, r, status, officeview.Request(view))
}

// Answer says what became of a request, for a system that does not say it itself.
func (h Keepers) Answer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	a := keeper.Reply{State: keeper.State(form.Text(r, "state")), Words: form.Long(r, "answer")}
	err = h.Office.AnswerRequest(r.Context(), exchange.By{Viewer: v}, nil, id, a)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.request(w, r, v, a, problems, "")
	}
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return h.request(w, r, v, a, nil, c.Words)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "The answer is saved. The customer sees it.")
	return page.Redirect(w, r, route.OfficeRequests)
}
