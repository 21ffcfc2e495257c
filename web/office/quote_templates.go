package officeweb

import (
	"cmp"
	"errors"
	"net/http"

	"fieldgate/internal/company"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// QuoteTemplates are the screens of Administration → Quote Templates.
type QuoteTemplates struct {
	DB     postgres.DB
	Office *office.Service
}

// List shows the templates and the saved lines.
func (h QuoteTemplates) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view := officeview.QuoteTemplatesList{Page: officeview.Page(v, "Quote Templates", route.AdminQuoteTemplates), Search: form.Line(r.URL.Query().Get("q")), Format: v.Format}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		quote.QueryTemplates(b, &view.Templates, view.Search)
		quote.QuerySavedLines(b, &view.Lines, view.Search)
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.QuoteTemplates(view))
}

// New is the form of a new template; with ?quote= it is made of that quote.
func (h QuoteTemplates) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.QuoteTemplateForm{Active: true}
	f.Nonce, f.Of = form.NewNonce(), form.Line(r.URL.Query().Get("quote"))
	var before quote.Quote
	if f.Of != "" {
		q, err := quote.FindByNumber(r.Context(), h.DB, f.Of)
		if err != nil {
			return err
		}
		before = q
		f.Name, f.Description, f.Inclusions, f.Exclusions, f.Terms, f.Lines = q.Name, q.Description, q.Inclusions, q.Exclusions, q.Terms, quote.TypedLines(v.Format, q)
	}
	return h.form(w, r, v, f, before, nil)
}

func readTemplate(r *http.Request) officeview.QuoteTemplateForm {
	f := officeview.QuoteTemplateForm{Active: form.Check(r, quote.TemplateField.Active.Name)}
	f.Name, f.Description, f.Inclusions, f.Exclusions, f.Terms = form.Text(r, "name"), form.Long(r, "description"), form.Long(r, "inclusions"), form.Long(r, "exclusions"), form.Long(r, "terms")
	f.Lines = readLines(r)
	return f
}

func typedTemplate(f officeview.QuoteTemplateForm) office.TypedTemplate {
	return office.TypedTemplate{TemplateDetails: quote.TemplateDetails{
		Name: f.Name, Description: f.Description, Inclusions: f.Inclusions, Exclusions: f.Exclusions, Terms: f.Terms, Active: f.Active,
	}, Rows: f.Lines}
}

// Create adds a template.
func (h QuoteTemplates) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := readTemplate(r)
	f.Nonce, f.Of = form.Nonce(r), form.Text(r, "of")
	again := func(problems problem.Set) error {
		var before quote.Quote
		if f.Of != "" {
			var err error
			if before, err = quote.FindByNumber(r.Context(), h.DB, f.Of); err != nil {
				return err
			}
		}
		return h.form(w, r, v, f, before, problems)
	}
	if arrange(r, &f.QuoteForm) {
		return again(nil)
	}
	err := h.Office.CreateQuoteTemplate(r.Context(), v, typedTemplate(f), f.Of, f.Nonce)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return again(problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), f.Name+" was added. New quotes can begin with it.")
	return page.Redirect(w, r, route.AdminQuoteTemplates)
}

// Edit is the form of a template.
func (h QuoteTemplates) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	f := officeview.QuoteTemplateForm{ID: t.ID, Active: t.Active}
	f.Name, f.Description, f.Inclusions, f.Exclusions, f.Terms, f.Lines, f.Version = t.Name, t.Description, t.Inclusions, t.Exclusions, t.Terms, t.Typed(v.Format), t.Version
	return h.form(w, r, v, f, quote.Quote{Currency: t.Currency, Lines: t.Lines}, nil)
}

func (h QuoteTemplates) find(r *http.Request) (quote.Template, error) {
	id, err := pathID(r, "template")
	if err != nil {
		return quote.Template{}, err
	}
	return quote.FindTemplate(r.Context(), h.DB, id)
}

// Update saves a template.
func (h QuoteTemplates) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	f, before := readTemplate(r), quote.Quote{Currency: t.Currency, Lines: t.Lines}
	f.ID, f.Version = t.ID, form.Version(r)
	if arrange(r, &f.QuoteForm) {
		return h.form(w, r, v, f, before, nil)
	}
	return edited{
		thing: "quote template", id: t.ID, fields: quote.TemplateFields, version: &f.Version, conflict: &f.EditConflict, list: route.AdminQuoteTemplates,
		now:   func() (int64, error) { t, err := h.find(r); return t.Version, err },
		again: func(p problem.Set) error { return h.form(w, r, v, f, before, p) },
	}.answer(w, r, v, h.DB, h.Office.EditQuoteTemplate(r.Context(), v, t.ID, f.Version, typedTemplate(f)))
}

// form shows the form of a template; before has the currency and the taxes that
// its lines may keep.
func (h QuoteTemplates) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.QuoteTemplateForm, before quote.Quote, problems problem.Set) error {
	title := "New quote template"
	f.URL = route.AdminQuoteTemplates
	if f.ID != 0 {
		title, f.URL = "Edit quote template", r.URL.Path
	}
	f.Page, f.Format, f.Currency = officeview.Page(v, title, route.AdminQuoteTemplates), v.Format, cmp.Or(before.Currency, v.Format.Currency)
	var taxes []company.TaxRate
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		company.QueryTaxRates(b, &taxes)
		quote.QuerySavedLineChoices(b, &f.SavedLines, f.Currency)
	})
	if err != nil {
		return err
	}
	var standard string
	f.Rates, standard = quote.Rates(taxes, before.Lines)
	wrong, err := Quotes{DB: h.DB}.insert(r.Context(), &f.QuoteForm, standard)
	if err != nil {
		return err
	}
	f.Problems = problems
	if len(wrong) > 0 {
		f.Problems = wrong
	}
	f.Lines = spared(f.Lines, standard)
	return page.Render(w, r, formStatus(f.Problems, f.EditConflict), officeview.EditQuoteTemplate(f))
}

// NewLine is the form of a new saved line.
func (h QuoteTemplates) NewLine(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.SavedLineForm{Nonce: form.NewNonce(), Currency: v.Format.Currency}
	f.Active = true
	return h.lineForm(w, r, v, f, nil)
}

// readSavedLine reads the form of a saved line, and what is wrong with its price.
func readSavedLine(r *http.Request, format company.Format, currency string) (officeview.SavedLineForm, problem.Set) {
	p := problem.Set{}
	f := officeview.SavedLineForm{Currency: currency, Price: form.Number(r, quote.SavedLineField.UnitPrice.Name)}
	price := format.Price(currency)
	each := price.Read(f.Price)
	f.SavedLineDetails = quote.SavedLineDetails{
		Code: form.Text(r, "code"), Description: form.Long(r, "description"), UnitPrice: price.Minor(each), Tax: form.Text(r, "tax"), Active: form.Check(r, "active"),
	}
	p.Unless(f.Price != "", quote.SavedLineField.UnitPrice.Name, "Enter a price.")
	p.Unless(each.Problem == "", quote.SavedLineField.UnitPrice.Name, each.Problem)
	return f, p
}

// CreateLine adds a saved line.
func (h QuoteTemplates) CreateLine(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, problems := readSavedLine(r, v.Format, v.Format.Currency)
	f.Nonce = form.Nonce(r)
	err := h.Office.CreateSavedLine(r.Context(), v, quote.NewSavedLine{SavedLineDetails: f.SavedLineDetails, Currency: f.Currency, Nonce: f.Nonce}, problems)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.lineForm(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), f.Code+" was added. It can be put into quotes.")
	return page.Redirect(w, r, route.AdminQuoteTemplates)
}

func (h QuoteTemplates) findLine(r *http.Request) (quote.SavedLine, error) {
	id, err := pathID(r, "line")
	if err != nil {
		return quote.SavedLine{}, err
	}
	return quote.FindSavedLine(r.Context(), h.DB, id)
}

// EditLine is the form of a saved line.
func (h QuoteTemplates) EditLine(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	l, err := h.findLine(r)
	if err != nil {
		return err
	}
	return h.lineForm(w, r, v, officeview.SavedLineForm{ID: l.ID, SavedLineDetails: l.Details(), Price: l.Typed(v.Format).UnitPrice, Currency: l.Currency, Version: l.Version}, nil)
}

// UpdateLine saves a saved line.
func (h QuoteTemplates) UpdateLine(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	l, err := h.findLine(r)
	if err != nil {
		return err
	}
	f, problems := readSavedLine(r, v.Format, l.Currency)
	f.ID, f.Version = l.ID, form.Version(r)
	return edited{
		thing: "saved line", id: l.ID, fields: quote.SavedLineFields, version: &f.Version, conflict: &f.EditConflict, list: route.AdminQuoteTemplates,
		now:   func() (int64, error) { l, err := h.findLine(r); return l.Version, err },
		again: func(p problem.Set) error { return h.lineForm(w, r, v, f, p) },
	}.answer(w, r, v, h.DB, h.Office.EditSavedLine(r.Context(), v, l.ID, f.Version, f.SavedLineDetails, problems))
}

func (h QuoteTemplates) lineForm(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.SavedLineForm, problems problem.Set) error {
	title := "New saved line"
	if f.ID != 0 {
		title = "Edit saved line"
	}
	taxes, err := company.TaxRates(r.Context(), h.DB)
	if err != nil {
		return err
	}
	f.Rates, _ = quote.Rates(taxes, nil)
	f.Page, f.Format, f.Problems = officeview.Page(v, title, route.AdminQuoteTemplates), v.Format, problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditSavedLine(f))
}
