package portalweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/pdf"
	"fieldgate/internal/portal"
	"fieldgate/internal/quote"
	"fieldgate/web/download"
)

// Documents are the documents that contacts take away: quotes and work reports,
// with exactly what their pages show.
type Documents struct {
	Reader   *portal.Reader
	Renderer *pdf.Renderer
}

// Quote is the document of a quote: the version that was last sent.
func (h Documents) Quote(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q, a, err := h.Reader.QuoteDocument(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	doc := pdf.Quote{
		Number: q.Number, Version: q.SentVersion, Title: q.Title(), Description: q.Description, Currency: q.Currency, Lines: q.Lines,
		Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms, ValidUntil: q.ValidUntil, SentAt: q.SentAt,
		Customer: a.Called(), Address: a.Street.Lines(), Contact: q.MainContact, Site: q.Site, SiteAddress: q.SiteAddress.String(),
		PurchaseOrder: q.PurchaseOrder, JobType: q.JobType, Preferred: q.PreferredOn, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, Staff: q.Staff,
		Withdrawn: q.Status == quote.Withdrawn,
	}
	if a := q.Answer(); a != nil {
		doc.Answer = &pdf.Answer{Accepted: a.Decision == quote.Accepted, Recorded: a.Words(v.Business.Format, a.Decision, a.FullName, a.At), Name: a.FullName, PurchaseOrder: a.PurchaseOrder, At: a.At, Signature: a.SignatureKey}
	}
	file, err := h.Renderer.Quote(r.Context(), doc)
	if err != nil {
		return err
	}
	return download.Document(w, r, "Quote "+q.Number+".pdf", file)
}

// Job is the work report of a finished job.
func (h Documents) Job(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	j, a, err := h.Reader.JobDocument(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	doc := pdf.Job{
		Number: j.Number, Title: j.Title(), Status: j.Status.Label(), Type: j.Type, Customer: a.Called(), Contact: j.MainContact,
		Site: j.Site, SiteAddress: j.SiteAddress.String(), PurchaseOrder: j.PurchaseOrder, Quote: j.QuoteNumber, InvoiceNumber: j.InvoiceNumber, InvoicingNote: j.InvoicingNote,
		Preferred: j.PreferredOn, BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, CompletedAt: j.CompletedAt, Changed: j.CreatedAt, Staff: j.Staff,
		Description: j.Description, Work: j.WorkUndertaken,
	}
	if j.Status.CalledOff() {
		doc.BookedFrom, doc.BookedUntil = nil, nil
	}
	for _, t := range j.Time {
		doc.Time = append(doc.Time, pdf.Hours{Day: t.WorkedOn, Hours: t.Hours})
	}
	for _, t := range j.Tasks {
		doc.Tasks = append(doc.Tasks, pdf.Task{Subject: t.Subject, Description: t.Description, Due: t.DueOn, Done: t.DoneAt != nil})
	}
	for _, e := range j.Equipment {
		doc.Equipment = append(doc.Equipment, pdf.Item{Number: e.Number, Name: e.Name, Note: e.Type})
	}
	for _, f := range j.Files {
		if f.IsPhoto() && f.ThumbKey != "" {
			doc.Photos = append(doc.Photos, pdf.Photo{Key: f.ThumbKey, Caption: f.Caption})
		}
	}
	file, err := h.Renderer.Job(r.Context(), doc)
	if err != nil {
		return err
	}
	return download.Document(w, r, "Work report "+j.Number+".pdf", file)
}
