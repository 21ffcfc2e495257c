package officeweb

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskMerge asks into which customer this one is to be merged, and then, with
// what goes over and who will see what, whether it is to be done.
func (h Customers) AskMerge(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	gone, err := h.find(r)
	if err != nil {
		return err
	}
	if gone.MergedInto != "" {
		return page.Redirect(w, r, route.OfficeCustomer(gone.Number))
	}
	into := form.Line(r.URL.Query().Get("customer"))
	if into == "" {
		return choose(w, r, h.DB, officeview.Choosing{
			Page: officeview.Page(v, "Merge "+gone.Name, route.OfficeCustomers), Title: "Merge " + gone.Name, Question: "Which customer is it the same as? That one is kept.",
			Action: route.OfficeCustomer(gone.Number, "merge"), BackURL: route.OfficeCustomer(gone.Number), BackLabel: gone.Name, Except: gone.Number,
		})
	}
	var (
		stays       customer.Customer
		tally       customer.Tally
		comes, here contact.Seeing
		twins       []string
		login       bool
	)
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		customer.QueryByNumber(b, &stays, into)
		customer.QueryTally(b, &tally, gone.Number)
		contact.QuerySeeing(b, &comes, gone.Number)
		contact.QuerySeeing(b, &here, into)
		contact.QueryTwins(b, &twins, gone.Number, into)
		signin.QueryHasCompanyLogin(b, &login, gone.ID)
	})
	if err != nil {
		return err
	}
	if stays.Number == gone.Number || stays.Archived() {
		return apperr.Conflictf("%s cannot be merged into this customer. Choose one that is in use.", gone.Name)
	}
	question := officeview.Confirmation{
		Page:  officeview.Page(v, "Merge "+gone.Name, route.OfficeCustomers),
		Title: "Merge " + gone.Name + " into " + stays.Name + "?",
		Text:  "All of " + gone.Name + " (" + gone.Number + ") moves to " + stays.Name + " (" + stays.Number + "): " + officeview.TallyWords(tally) + ". This cannot be undone.",
		Points: []string{
			"What is written about " + gone.Name + " itself, such as its phone number and notes, stays on its own page, which is archived.",
		},
		Action: route.OfficeCustomer(gone.Number, "merge"), Label: "Merge", Look: ui.Danger, Keys: []ui.Pair{{Name: "customer", Value: stays.Number}},
		BackURL: route.OfficeCustomer(gone.Number, "merge"), BackLabel: "Another customer",
	}
	if len(twins) > 0 {
		question.Points = append(question.Points, "There twice, by email address or sign-in: "+strings.Join(twins, ", ")+". They stay as they are at "+stays.Name+", and their work at "+gone.Name+" becomes theirs there.")
	}
	if here.Everything > 0 {
		question.Points = append(question.Points, ui.Plural(here.Everything, "contact", "contacts")+" of "+stays.Name+" with access to all jobs, quotes or equipment will see those of "+gone.Name+", too.")
	}
	if login {
		question.Points = append(question.Points, "The company login of "+gone.Name+" is removed. Who came in that way alone needs an invitation.")
	}
	if comes.Access > 0 {
		question.Extra = officeview.AccessAfterMerge(comes.Access, stays.Name)
	}
	return page.Render(w, r, http.StatusOK, officeview.Confirm(question))
}

// Merge makes one customer of two.
func (h Customers) Merge(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	gone, stays := chi.URLParam(r, "number"), strings.ToUpper(form.Text(r, "customer"))
	suspended, err := h.Office.MergeCustomers(r.Context(), v, gone, stays, form.Text(r, "access") == "keep")
	if err != nil {
		return err
	}
	words := gone + " was merged into this customer."
	if suspended > 0 {
		words += " " + ui.Plural(suspended, "contact was", "contacts were") + " suspended: look at their permissions, then restore their access."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, route.OfficeCustomer(stays))
}
