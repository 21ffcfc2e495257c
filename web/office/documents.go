package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Documents are the screens of certificates and other documents, and of their kinds.
type Documents struct {
	DB     postgres.DB
	Office *office.Service
}

// asked is what the address asks of the list: of one customer, if it names one.
func (h Documents) asked(r *http.Request) (q list.Query, f attachment.DocumentFilter, of *customer.Customer, err error) {
	values := r.URL.Query()
	q = attachment.DocumentOrders.Read(values)
	f = attachment.DocumentFilter{Kind: form.Asked(r, "kind"), Site: form.Asked(r, "site")}
	if show := attachment.Validity(values.Get("show")); slices.Contains(attachment.Validities, show) {
		f.Validity = show
	}
	if number := form.Line(strings.ToValidUTF8(values.Get("customer"), "")); number != "" {
		c, err := customer.FindByNumber(r.Context(), h.DB, number)
		if err != nil {
			return q, f, nil, err
		}
		f.Customer, of = c.ID, &c
	}
	return q, f, of, nil
}

// List shows the documents of all customers, or of one.
func (h Documents) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f, of, err := h.asked(r)
	if err != nil {
		return err
	}
	today := v.Format.Today()
	view := officeview.DocumentsList{Page: officeview.Page(v, "Documents", route.OfficeCustomers), Filter: f, Customer: of, Format: v.Format.Day, Today: today}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		attachment.QueryDocuments(b, &view.Documents, q, f, today)
		view.Counts = attachment.QueryDocumentCounts(b, q, f, today)
		attachment.QueryKinds(b, &view.Kinds)
		if of != nil {
			site.QueryOf(b, &view.Sites, of.ID, true)
		}
	})
	if err != nil {
		return err
	}
	view.Listing = officeview.Listing{URL: route.OfficeDocuments, Orders: attachment.DocumentOrders, Query: q, Filters: map[string]string{
		"show": string(f.Validity), "kind": idText(f.Kind), "site": idText(f.Site),
	}}
	if of != nil {
		view.Listing.Filters["customer"] = of.Number
	}
	return page.Render(w, r, http.StatusOK, officeview.Documents(view))
}

// Export is the list of documents as a file.
func (h Documents) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f, _, err := h.asked(r)
	if err != nil {
		return err
	}
	today := v.Format.Today()
	type row = attachment.DocumentRow
	return export.List(w, r, "documents", today, q,
		func(q list.Query) (list.Page[row], error) {
			return attachment.ListDocuments(r.Context(), h.DB, q, f, today)
		},
		[]export.Column[row]{
			{Head: "Document", Cell: func(d row) string { return d.Name }},
			{Head: attachment.Field.Caption.Label, Cell: func(d row) string { return d.Caption }},
			{Head: attachment.DocumentField.Kind.Label, Cell: func(d row) string { return d.Kind }},
			{Head: "Customer number", Cell: func(d row) string { return d.CustomerNumber }},
			{Head: "Customer", Cell: func(d row) string { return d.Customer }},
			{Head: "Site", Cell: func(d row) string { return d.Site }},
			{Head: "Equipment", Cell: func(d row) string { return d.EquipmentName }},
			{Head: attachment.DocumentField.ValidUntil.Label, Cell: func(d row) string { return d.ValidUntil.String() }},
			{Head: attachment.Field.CustomerView.Label, Cell: func(d row) string { return officeview.YesNo(d.CustomerView) }},
			{Head: "Status", Cell: func(d row) string { return d.Stands(today).Label() }},
		})
}

// readDocument reads what files are as documents.
func readDocument(r *http.Request, p problem.Set) attachment.Document {
	d := attachment.Document{Kind: form.ID(r, attachment.DocumentField.Kind.Name), ValidUntil: form.Day(r, attachment.DocumentField.ValidUntil.Name, p)}
	kind, id, _ := strings.Cut(form.Text(r, attachment.DocumentField.Place.Name), "-")
	switch kind {
	case "site":
		d.Site = idIn(id)
	case "equipment":
		d.Equipment = idIn(id)
	}
	if d.Kind == 0 && d.ValidUntil.IsZero() { // no document has no place either
		d = attachment.Document{}
	}
	return d
}

// documentChoices are what a form of a customer's documents offers.
func documentChoices(ctx context.Context, db postgres.DB, of int64, current attachment.Document) (c officeview.DocumentChoices, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { queryDocumentChoices(b, &c, of, current) })
	return c, err
}

func queryDocumentChoices(b *postgres.Batch, c *officeview.DocumentChoices, of int64, current attachment.Document) {
	attachment.QueryKinds(b, &c.Kinds)
	site.QueryOf(b, &c.Sites, of, true)
	equipment.QueryChoices(b, &c.Equipment, of, current.Equipment)
}

// Document is the form of what the ticked files are as documents.
func (h Files) Document(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		files, back, err := h.tickedDocuments(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		f := officeview.DocumentForm{Files: files, Document: files[0].Document(), Back: ui.Heading{BackURL: back}}
		if f.Document.Kind == 0 {
			f.Document = on.place
		}
		f.Until = f.Document.ValidUntil.String()
		return h.document(w, r, v, on, http.StatusOK, f)
	})
}

// tickedDocuments are the ticked files that are no photos.
func (h Files) tickedDocuments(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) (files []attachment.File, back string, err error) {
	files, back, err = h.ticked(w, r, v, on)
	if err != nil || len(files) == 0 {
		return nil, back, err
	}
	if files = slices.DeleteFunc(files, attachment.File.IsPhoto); len(files) == 0 {
		session.Warn(r.Context(), "A photo cannot be a document. Add the certificate as a PDF.")
		return nil, back, page.Redirect(w, r, back)
	}
	return files, back, nil
}

func (h Files) document(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder, status int, f officeview.DocumentForm) (err error) {
	f.Page, f.URL, f.Panel, f.Back.BackLabel = officeview.Page(v, "Document, "+on.name, on.section), again(on.tab+"/document", r), h.panel(v, on, r), "Attachments of "+on.name
	f.Page.Narrow, f.Seen = true, map[string]string{}
	for _, file := range f.Files {
		f.Seen[file.PublicID] = file.Document().Mark()
	}
	if f.Choices, err = documentChoices(r.Context(), h.DB, on.on.Customer, f.Document); err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.DocumentOf(f))
}

// SetDocument saves what the ticked files are as documents. What somebody else
// has said meanwhile is not replaced before it was shown.
func (h Files) SetDocument(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		files, back, err := h.tickedDocuments(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		problems := problem.Set{}
		f := officeview.DocumentForm{Files: files, Document: readDocument(r, problems), Until: form.Text(r, attachment.DocumentField.ValidUntil.Name), Back: ui.Heading{BackURL: back}}
		seen := make([]attachment.Seen, len(files))
		for i, file := range files {
			seen[i] = attachment.Seen{File: file.PublicID, As: form.Text(r, "seen-"+file.PublicID)}
		}
		if err = problems.Err(); err == nil {
			_, err = h.Office.SetDocument(r.Context(), v, on.on, seen, f.Document)
		}
		if p := asProblems(err); p != nil {
			f.Problems = p
			return h.document(w, r, v, on, http.StatusUnprocessableEntity, f)
		}
		if errors.Is(err, apperr.Stale) {
			f.Stale = true
			return h.document(w, r, v, on, http.StatusConflict, f)
		}
		if err != nil {
			return err
		}
		session.Flash(r.Context(), "Saved.")
		return page.Redirect(w, r, back)
	})
}

// Kinds shows the kinds of documents.
func (h Documents) Kinds(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	kinds, err := attachment.Kinds(r.Context(), h.DB)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.DocumentKinds(officeview.DocumentKindsList{Page: officeview.Page(v, "Document Kinds", route.AdminDocumentKinds), Kinds: kinds}))
}

// NewKind is the form of a new kind.
func (h Documents) NewKind(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.DocumentKindForm{Nonce: form.NewNonce()}
	f.Active = true
	return h.kindForm(w, r, v, f, nil)
}

func readKind(r *http.Request) attachment.KindDetails {
	return attachment.KindDetails{Name: form.Text(r, attachment.KindField.Name.Name), Active: form.Check(r, attachment.KindField.Active.Name)}
}

// CreateKind adds a kind.
func (h Documents) CreateKind(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.DocumentKindForm{KindDetails: readKind(r), Nonce: form.Nonce(r)}
	err := h.Office.CreateDocumentKind(r.Context(), v, attachment.NewKind{KindDetails: f.KindDetails, Nonce: f.Nonce})
	if problems := asProblems(err); problems != nil {
		return h.kindForm(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), f.Name+" was added.")
	return page.Redirect(w, r, route.AdminDocumentKinds)
}

func (h Documents) kind(r *http.Request) (attachment.DocumentKind, error) {
	id, err := pathID(r, "kind")
	if err != nil {
		return attachment.DocumentKind{}, err
	}
	return attachment.FindKind(r.Context(), h.DB, id)
}

// EditKind is the form of a kind.
func (h Documents) EditKind(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.kind(r)
	if err != nil {
		return err
	}
	return h.kindForm(w, r, v, officeview.DocumentKindForm{ID: k.ID, KindDetails: k.KindDetails, Documents: k.Documents, Version: k.Version}, nil)
}

// UpdateKind saves a kind.
func (h Documents) UpdateKind(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, err := h.kind(r)
	if err != nil {
		return err
	}
	f := officeview.DocumentKindForm{ID: k.ID, KindDetails: readKind(r), Documents: k.Documents, Version: form.Version(r)}
	return edited{
		thing: "document kind", id: k.ID, fields: attachment.KindFields, version: &f.Version, conflict: &f.EditConflict, list: route.AdminDocumentKinds,
		now:   func() (int64, error) { k, err := h.kind(r); return k.Version, err },
		again: func(p problem.Set) error { return h.kindForm(w, r, v, f, p) },
	}.answer(w, r, v, h.DB, h.Office.EditDocumentKind(r.Context(), v, k.ID, f.Version, f.KindDetails))
}

func (h Documents) kindForm(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.DocumentKindForm, problems problem.Set) error {
	title := "New document kind"
	if f.ID != 0 {
		title = "Edit document kind"
	}
	f.Page, f.Problems = officeview.Page(v, title, route.AdminDocumentKinds), problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditDocumentKind(f))
}
