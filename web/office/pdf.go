package officeweb

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/job"
	"fieldgate/internal/pdf"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	"fieldgate/web/download"
)

// PDF is the document of a quote as it is: of the version that was sent, or of
// the draft that is being worked on, marked as such.
func (h Quotes) PDF(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	var c parties
	if q.SentVersion == 0 || q.VersionNumber != q.SentVersion {
		if err := postgres.Read(r.Context(), h.DB, c.query(q.CustomerNumber)); err != nil {
			return err
		}
		return h.print(w, r, v, q, c, nil)
	}
	version, _, err := quote.FindVersion(r.Context(), h.DB, q.ID, q.SentVersion, c.query(q.CustomerNumber))
	if err != nil {
		return err
	}
	return h.print(w, r, v, q, c, &version)
}

// VersionPDF is the document of a version that was sent.
func (h Quotes) VersionPDF(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	var c parties
	q, version, _, err := h.version(r, func(b *postgres.Batch, q quote.Quote) { c.query(q.CustomerNumber)(b) })
	if err != nil {
		return err
	}
	return h.print(w, r, v, q, c, &version)
}

// print sends the document of a version, or of the draft without one.
func (h Quotes) print(w http.ResponseWriter, r *http.Request, v staff.Viewer, q quote.Quote, of parties, version *quote.Version) error {
	doc := documentOf(v, q, of, version)
	file, err := h.Renderer.Quote(r.Context(), doc)
	if err != nil {
		return err
	}
	name := "Quote " + q.Number
	if doc.Version > 1 {
		name += " version " + strconv.Itoa(doc.Version)
	}
	return download.Document(w, r, name+".pdf", file)
}

// documentOf is what the document of a version says, or that of the draft without one.
func documentOf(v staff.Viewer, q quote.Quote, of parties, version *quote.Version) pdf.Quote {
	c := of.to
	doc := pdf.Quote{
		From: &of.from, Number: q.Number, Version: q.VersionNumber, Title: q.Title(), Description: q.Description, Currency: q.Currency, Lines: q.Lines,
		Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms, ValidUntil: q.ValidUntil, Changed: q.UpdatedAt,
		Customer: cmp.Or(c.CompanyName, c.Name), Address: c.Street.Lines(), Contact: q.MainContact, Site: q.SiteName, SiteAddress: q.SiteAddress.String(),
		PurchaseOrder: q.PurchaseOrder, JobType: q.JobType, Preferred: q.PreferredOn, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, Staff: q.StaffNames,
	}
	if version != nil {
		doc.Version, doc.Title, doc.Description, doc.Lines = version.Number, job.Title(version.Name, version.Description), version.Description, version.Lines
		doc.Inclusions, doc.Exclusions, doc.Terms, doc.ValidUntil = version.Inclusions, version.Exclusions, version.Terms, version.ValidUntil
		doc.SentAt, doc.Withdrawn = &version.SentAt, q.Status == quote.Withdrawn && version.Number == q.SentVersion
		if a := version.Answer; a != nil {
			doc.Answer = &pdf.Answer{Accepted: a.Decision == quote.Accepted, Recorded: a.Words(v.Format, a.Decision, a.FullName, a.At), Name: a.FullName, PurchaseOrder: a.PurchaseOrder, At: a.At, Signature: a.Signature}
		}
	}
	return doc
}

// parties are who a document is from and whom it is to.
type parties struct {
	from company.Company
	to   customer.Customer
}

func (p *parties) query(number string) func(*postgres.Batch) {
	return func(b *postgres.Batch) {
		company.Query(b, &p.from)
		customer.QueryByNumber(b, &p.to, number)
	}
}

// report is what the work report of a job is made of, as it may be handed to the
// customer: tasks unless the portal hides them, photos that are shared, nothing of
// the office's own.
type report struct {
	shown   settings.Current
	of      parties
	entries []job.TimeEntry
	tasks   []job.Task
	files   []attachment.File
}

func (p *report) query(b *postgres.Batch, j job.Job) {
	settings.Query(b, &p.shown)
	p.of.query(j.CustomerNumber)(b)
	job.QueryTime(b, &p.entries, j.Number)
	job.QueryTasks(b, &p.tasks, j.Number)
	attachment.QueryAll(b, &p.files, attachment.On{Customer: j.CustomerID, Job: j.ID})
}

func (p *report) document(j job.Job) pdf.Job {
	c := p.of.to
	doc := pdf.Job{
		From: &p.of.from, Number: j.Number, Title: j.Title(), Status: j.Status.Label(), Type: j.TypeName, Customer: cmp.Or(c.CompanyName, c.Name), Contact: j.MainContact,
		Site: j.SiteName, SiteAddress: j.SiteAddress.String(), PurchaseOrder: j.PurchaseOrder, Quote: j.QuoteNumber, Preferred: j.PreferredOn,
		BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, CompletedAt: j.CompletedAt, Changed: j.CreatedAt, Description: j.Description, Work: j.Work,
	}
	if j.Status.CalledOff() {
		doc.BookedFrom, doc.BookedUntil = nil, nil
	}
	for _, p := range j.Staff {
		doc.Staff = append(doc.Staff, p.Name)
	}
	for _, e := range j.Equipment {
		doc.Equipment = append(doc.Equipment, pdf.Item{Number: e.Number, Name: e.Name, Note: e.Site})
	}
	for _, e := range p.entries {
		doc.Time = append(doc.Time, pdf.Hours{Day: e.WorkedOn, Hours: e.Hours})
	}
	doc.Time = pdf.ByDay(doc.Time)
	if !p.shown.HideTasks {
		for _, t := range p.tasks {
			doc.Tasks = append(doc.Tasks, pdf.Task{Subject: t.Subject, Description: t.Description, Due: t.DueOn, Done: t.Done()})
		}
	}
	for _, f := range p.files {
		if f.CustomerView && f.IsPhoto() && f.ThumbKey != "" {
			doc.Photos = append(doc.Photos, pdf.Photo{Key: f.ThumbKey, Caption: f.Caption})
		}
	}
	return doc
}

// PDF is the work report of a job.
func (h Jobs) PDF(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	ctx := r.Context()
	j, err := job.FindByNumber(ctx, h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	var of report
	if err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) { of.query(b, j) }); err != nil {
		return err
	}
	file, err := h.Renderer.Job(ctx, of.document(j))
	if err != nil {
		return err
	}
	return download.Document(w, r, "Work report "+j.Number+".pdf", file)
}
