package officeweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"fieldgate/internal/apperr"
	"fieldgate/internal/blob"
	"fieldgate/internal/export"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Exports is Administration → Export: everything in one file.
type Exports struct {
	DB     postgres.DB
	Office *office.Service
	Store  blob.Store
}

// Show is the page: the form, and the exports that there are.
func (h Exports) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.page(w, r, v, officeview.ExportPage{Form: string(export.AsExcel), Files: true, Nonce: form.NewNonce()})
}

// Ask asks for an export.
func (h Exports) Ask(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.ExportPage{Form: form.Text(r, "form"), Files: form.Check(r, "files"), Nonce: form.Nonce(r)}
	err := h.Office.AskExport(r.Context(), v, export.New{Form: export.Form(f.Form), Files: f.Files, Nonce: f.Nonce})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = problems
		return h.page(w, r, v, f)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "The export is being made. You can leave this page.")
	return page.Redirect(w, r, route.AdminExport)
}

// Open leads to the file, for whoever has just proved who they are.
func (h Exports) Open(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "export")
	if err != nil {
		return err
	}
	if err := h.Office.OpenExport(r.Context(), v, id); err != nil {
		return err
	}
	return page.Redirect(w, r, route.Join(route.AdminExport, strconv.FormatInt(id, 10), "archive.zip"))
}

// Download sends the file, or the part of it that a browser goes on with. Whoever
// has not opened it lately is led to the page that does.
func (h Exports) Download(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "export")
	if err != nil {
		return err
	}
	a, err := export.Opened(r.Context(), h.DB, id, v.Staff)
	if errors.Is(err, apperr.NotFound) {
		session.Flash(r.Context(), "Press Download once more: this file can be downloaded for a day after you have confirmed that it is you.")
		return page.Redirect(w, r, route.AdminExport)
	}
	if err != nil {
		return err
	}
	return download.Send(w, r, h.Store, download.File{Key: a.BlobKey, Name: "fieldgate-" + v.Format.DayOf(*a.Moment).String() + ".zip", Type: "application/zip"})
}

// Remove removes an export, or stops one.
func (h Exports) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "export")
	if err != nil {
		return err
	}
	if err := h.Office.RemoveExport(r.Context(), v, id); err != nil {
		return err
	}
	session.Flash(r.Context(), "The export was removed.")
	return page.Redirect(w, r, route.AdminExport)
}

func (h Exports) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.ExportPage) error {
	f.Page, f.Format = officeview.Page(v, "Export", route.AdminExport), v.Format
	show := export.Show(r.URL.Query().Get("show"))
	if !slices.Contains(export.Shows, show) {
		show = export.ShowAll
	}
	f.Listing = officeview.Listing{URL: route.AdminExport, Orders: export.Orders, Query: export.Orders.Read(r.URL.Query()), Filters: map[string]string{"show": string(show)}}
	var found list.Page[export.Asked]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		export.QueryNewest(b, &f.Newest)
		export.QueryList(b, &found, &f.Counts, f.Listing.Query, show)
		export.FilesSize(b, &f.Size)
	})
	if err != nil {
		return err
	}
	f.Exports, f.Pages = found.Rows, f.Listing.Pages(found.Prev, found.Next)
	return page.Render(w, r, formStatus(f.Problems, officeview.EditConflict{}), officeview.Export(f))
}
