package officeweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/event"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/internal/webhook"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Webhooks are the screens of Administration → Webhooks.
type Webhooks struct {
	DB     postgres.DB
	Office *office.Service
}

// List shows the webhooks.
func (h Webhooks) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	show := webhook.Show(r.URL.Query().Get("show"))
	if !slices.Contains(webhook.Shows, show) {
		show = webhook.ShowAll
	}
	view := officeview.WebhooksPage{Page: officeview.Page(v, "Webhooks", route.AdminWebhooks), Format: v.Format}
	view.Listing = officeview.Listing{URL: route.AdminWebhooks, Orders: webhook.Orders, Query: webhook.Orders.Read(r.URL.Query()), Filters: map[string]string{"show": string(show)}}
	var found list.Page[webhook.Webhook]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		webhook.QueryList(b, &found, &view.Counts, view.Listing.Query, show)
	})
	if err != nil {
		return err
	}
	view.Webhooks, view.Pages = found.Rows, view.Listing.Pages(found.Prev, found.Next)
	return page.Render(w, r, http.StatusOK, officeview.Webhooks(view))
}

// New is the form of a new webhook.
func (h Webhooks) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.form(w, r, v, officeview.WebhookForm{AllKinds: true, AllCustomers: true, Nonce: form.NewNonce()}, nil)
}

// typed is the form as it was typed, and what it describes.
func (h Webhooks) typed(r *http.Request) (f officeview.WebhookForm, d webhook.Details) {
	f = officeview.WebhookForm{
		Name: form.Text(r, "name"), Address: form.Text(r, "address"), AllKinds: form.Text(r, "which") != officeview.WebhookSome, Kinds: form.Many(r, "kinds"),
		AllCustomers: form.Text(r, "whose") != officeview.WebhookSome, Customers: form.Long(r, "customers"), Nonce: form.Nonce(r), Version: form.Version(r),
	}
	d = webhook.Details{Name: f.Name, Address: f.Address}
	if !f.AllKinds {
		d.Kinds = []event.Kind{}
		for _, k := range event.Kinds() { // in their order, each once
			if slices.Contains(f.Kinds, string(k)) {
				d.Kinds = append(d.Kinds, k)
			}
		}
	}
	if !f.AllCustomers {
		d.Customers = strings.FieldsFunc(f.Customers, func(c rune) bool { return c == '\n' || c == ',' || c == ';' || c == ' ' || c == '\t' })
		if d.Customers == nil {
			d.Customers = []string{}
		}
	}
	return f, d
}

// Create makes a webhook and shows its secret, once.
func (h Webhooks) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, d := h.typed(r)
	id, secret, err := h.Office.CreateWebhook(r.Context(), v, webhook.New{Details: d, Nonce: f.Nonce})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	if secret == "" { // the form was sent before
		session.Flash(r.Context(), d.Name+" was added already. If you have not seen its secret, make a new one.")
		return page.Redirect(w, r, route.AdminWebhook(id))
	}
	return h.showSecret(w, r, v, officeview.WebhookSecret{ID: id, Name: d.Name, Secret: secret})
}

func (h Webhooks) showSecret(w http.ResponseWriter, r *http.Request, v staff.Viewer, s officeview.WebhookSecret) error {
	s.Page = officeview.Page(v, "Secret for "+s.Name, route.AdminWebhooks)
	s.Page.Narrow = true
	w.Header().Set("Cache-Control", "no-store")
	return page.Render(w, r, http.StatusOK, officeview.ShowWebhookSecret(s))
}

func (h Webhooks) find(r *http.Request) (webhook.Webhook, error) {
	id, err := pathID(r, "webhook")
	if err != nil {
		return webhook.Webhook{}, err
	}
	return webhook.Find(r.Context(), h.DB, id)
}

// Edit is the form of a webhook.
func (h Webhooks) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	f := officeview.WebhookForm{
		ID: k.ID, Name: k.Name, Address: k.Address, AllKinds: k.Kinds == nil, AllCustomers: k.Customers == nil, Customers: strings.Join(k.Customers, "\n"), Version: k.Version,
		Waiting: k.Waiting + k.Missed,
	}
	for _, kind := range k.Kinds {
		f.Kinds = append(f.Kinds, string(kind))
	}
	return h.form(w, r, v, f, nil)
}

// Update saves a webhook.
func (h Webhooks) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	f, d := h.typed(r)
	f.ID, f.Waiting = k.ID, k.Waiting+k.Missed
	return edited{
		thing: "webhook", id: k.ID, fields: webhook.Fields, version: &f.Version, conflict: &f.EditConflict, list: route.AdminWebhook(k.ID),
		now:   func() (int64, error) { k, err := h.find(r); return k.Version, err },
		again: func(p problem.Set) error { return h.form(w, r, v, f, p) },
	}.answer(w, r, v, h.DB, h.Office.EditWebhook(r.Context(), v, k.ID, f.Version, d))
}

func (h Webhooks) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.WebhookForm, problems problem.Set) error {
	title := "New webhook"
	if f.ID != 0 {
		title = "Edit webhook"
	}
	f.Page, f.Problems = officeview.Page(v, title, route.AdminWebhooks), problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditWebhook(f))
}

// filter reads what an address asks of the deliveries; nonsense does not filter.
func (h Webhooks) filter(values url.Values) (f webhook.DeliveryFilter, filters map[string]string) {
	filters = map[string]string{}
	if s := webhook.State(values.Get("state")); slices.Contains(webhook.States, s) {
		f.State, filters["state"] = s, string(s)
	}
	if k := event.Kind(values.Get("kind")); k.Known() || k == webhook.TestKind {
		f.Kind, filters["kind"] = k, string(k)
	}
	return f, filters
}

// Show is a webhook with its deliveries, the newest first.
func (h Webhooks) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "webhook")
	if err != nil {
		return err
	}
	f, filters := h.filter(r.URL.Query())
	view := officeview.WebhookPage{
		Format: v.Format, Nonce: form.NewNonce(),
		Listing: officeview.Listing{URL: route.AdminWebhook(id), Orders: webhook.DeliveryOrders, Query: webhook.DeliveryOrders.Read(r.URL.Query()), Filters: filters},
	}
	var deliveries list.Page[webhook.Delivery]
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		webhook.QueryOne(b, &view.Webhook, id)
		webhook.QueryDeliveries(b, &deliveries, &view.Count, view.Listing.Query, id, f)
	})
	if err != nil {
		return err
	}
	view.Page = officeview.Page(v, view.Webhook.Name, route.AdminWebhooks)
	view.Deliveries, view.Pages = deliveries.Rows, view.Listing.Pages(deliveries.Prev, deliveries.Next)
	view.Pages.Shown = ui.Plural(view.Count, "delivery", "deliveries")
	return page.Render(w, r, http.StatusOK, officeview.Webhook(view))
}

// Export sends the deliveries that the list shows as a file for a spreadsheet.
func (h Webhooks) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	f, _ := h.filter(r.URL.Query())
	moment := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return v.Format.Local(*at).Format(time.RFC3339)
	}
	return export.List(w, r, "deliveries", v.Format.Today(), webhook.DeliveryOrders.Read(r.URL.Query()),
		func(q list.Query) (found list.Page[webhook.Delivery], err error) {
			var count int
			err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { webhook.QueryDeliveries(b, &found, &count, q, k.ID, f) })
			return found, err
		},
		[]export.Column[webhook.Delivery]{
			{Head: "Happened", Cell: func(d webhook.Delivery) string { return moment(&d.CreatedAt) }},
			{Head: "Event", Cell: func(d webhook.Delivery) string { return string(d.Kind) }},
			{Head: "About", Cell: func(d webhook.Delivery) string { return d.Subject }},
			{Head: "Customer", Cell: func(d webhook.Delivery) string { return d.Customer }},
			{Head: "State", Cell: officeview.DeliveryState},
			{Head: "Answer", Cell: officeview.DeliveryAnswer},
			{Head: "Tries", Cell: func(d webhook.Delivery) string { return strconv.Itoa(d.Attempts) }},
			{Head: "Last try", Cell: func(d webhook.Delivery) string { return moment(d.LastAt) }},
			{Head: "webhook-id", Cell: func(d webhook.Delivery) string { return d.EventKey }},
		})
}

// Rotate makes a new secret and shows it, once.
func (h Webhooks) Rotate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	secret, err := h.Office.RotateWebhookSecret(r.Context(), v, k.ID, form.Version(r))
	if errors.Is(err, apperr.Stale) {
		session.Warn(r.Context(), "Nothing was done: somebody has changed this webhook, or made a new secret, in the meantime. Look again.")
		return page.Redirect(w, r, route.AdminWebhook(k.ID))
	}
	if err != nil {
		return err
	}
	return h.showSecret(w, r, v, officeview.WebhookSecret{ID: k.ID, Name: k.Name, Secret: secret, Rotated: true})
}

// EndOldSecret lets the new secret alone sign.
func (h Webhooks) EndOldSecret(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	return done(w, r, "The old secret no longer signs.", route.AdminWebhook(k.ID), h.Office.EndOldWebhookSecret(r.Context(), v, k.ID))
}

// Test sends a test.
func (h Webhooks) Test(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	delivery, err := h.Office.TestWebhook(r.Context(), v, k.ID, form.Nonce(r))
	return done(w, r, "A test is on its way. The answer appears here.", route.AdminDelivery(k.ID, delivery), err)
}

// Switch switches a webhook off, or on again.
func (h Webhooks) Switch(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.find(r)
	if err != nil {
		return err
	}
	if form.Text(r, "to") == "on" {
		return done(w, r, k.Name+" is switched on.", route.AdminWebhook(k.ID), h.Office.SwitchWebhookOn(r.Context(), v, k.ID, form.Check(r, "meantime")))
	}
	return done(w, r, k.Name+" is switched off.", route.AdminWebhook(k.ID), h.Office.SwitchWebhookOff(r.Context(), v, k.ID))
}

// AskRemoval asks before a webhook is removed.
func (h Webhooks) AskRemoval(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.AdminWebhooks, h.find, func(k webhook.Webhook) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Remove " + k.Name + "?", Text: "The system is told of nothing any more. What waits for it, and the list of what was sent, is gone for good.",
			Points: []string{"To stop for a while, switch the webhook off instead."},
			Action: route.AdminWebhook(k.ID, "removal"), Label: "Remove", Look: ui.Danger, BackURL: route.AdminWebhook(k.ID), BackLabel: k.Name,
		}
	})
}

// Remove ends a webhook.
func (h Webhooks) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "webhook")
	if err != nil {
		return err
	}
	return done(w, r, "The webhook is removed.", route.AdminWebhooks, h.Office.RemoveWebhook(r.Context(), v, id))
}

// Delivery is one delivery: what was sent, and what was answered.
func (h Webhooks) Delivery(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, delivery, err := h.delivery(r)
	if err != nil {
		return err
	}
	view := officeview.DeliveryPage{Format: v.Format, Nonce: form.NewNonce()}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		webhook.QueryOne(b, &view.Webhook, id)
		webhook.QueryDelivery(b, &view.Delivery, id, delivery)
		webhook.QueryTold(b, &view.Told, id, delivery)
	})
	if err != nil {
		return err
	}
	if view.Body, view.Sent = view.Delivery.Sent, view.Delivery.Sent != ""; !view.Sent && view.Delivery.EventID != 0 {
		e, err := event.Find(r.Context(), h.DB, view.Delivery.EventID)
		if err != nil {
			return err
		}
		body, err := e.Body()
		if err != nil {
			return err
		}
		view.Body = string(body)
	}
	view.Page = officeview.Page(v, "Delivery", route.AdminWebhooks)
	return page.Render(w, r, http.StatusOK, officeview.Delivery(view))
}

func (h Webhooks) delivery(r *http.Request) (id, delivery int64, err error) {
	if id, err = pathID(r, "webhook"); err == nil {
		delivery, err = pathID(r, "delivery")
	}
	return id, delivery, err
}

// Again sends a delivery's event once more.
func (h Webhooks) Again(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, delivery, err := h.delivery(r)
	if err != nil {
		return err
	}
	fresh, err := h.Office.SendWebhookAgain(r.Context(), v, id, delivery, form.Nonce(r))
	return done(w, r, "It is on its way again. The answer appears here.", route.AdminDelivery(id, fresh), err)
}
