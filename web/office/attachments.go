package officeweb

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/imaging"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/pdf"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/static"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Files are the files of jobs, quotes, equipment and customers, and the
// sending of any file to staff.
type Files struct {
	DB       postgres.DB
	Office   *office.Service
	Store    blob.Store
	Renderer *pdf.Renderer
}

// screen is a handler for staff.
type screen = func(http.ResponseWriter, *http.Request, staff.Viewer) error

// screenWithFiles is one for a form with files.
type screenWithFiles = func(http.ResponseWriter, *http.Request, staff.Viewer, *upload.Form) error

// with makes a screen that needs to know what the files are of.
func (h Files) with(k Holder, do func(http.ResponseWriter, *http.Request, staff.Viewer, holder) error) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		on, err := k.find(h, r)
		if err != nil {
			return err
		}
		return do(w, r, v, on)
	}
}

// List is the tab Attachments.
func (h Files) List(k Holder) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		first, rest, more := strings.Cut(v.Flash, "\n") // the list of reasons has a place of its own
		v.Flash = first
		var p officeview.AttachmentsPanel
		files := func(b *postgres.Batch, on holder) {
			p = h.panel(v, on, r)
			p.Told, p.Told.When = on.told, "When you share files"
			notify.QueryWouldTell(b, &p.Told.Tellings, notify.KindFilesShared, aboutFiles(on.on))
			queryDocumentChoices(b, &p.Documents, on.on.Customer, on.place)
			p.Place = on.place
			attachment.QueryList(b, &p.Files, &p.Counts, on.on, p.Listing.Query, p.Listing.Filters["show"])
		}
		tab, err := k.tab(h, r, v, files, func(holder) officeview.AttachmentsPanel {
			p.Seen, p.Nonce = k.seen, form.NewNonce()
			if more {
				p.Refused = strings.Split(rest, "\n")
			}
			return p
		})
		if err != nil {
			return err
		}
		return page.Render(w, r, http.StatusOK, tab)
	}
}

// panel is the tab as the request wants to look at it, or will come back to it.
func (h Files) panel(v staff.Viewer, on holder, r *http.Request) officeview.AttachmentsPanel {
	if r.Form == nil {
		_ = r.ParseForm() // a body that cannot be read was refused where it was needed
	}
	p := officeview.AttachmentsPanel{URL: on.tab, Format: v.Format, Grid: r.Form.Get("view") == "grid"}
	p.Listing = officeview.Listing{URL: on.tab, Orders: attachment.Orders, Query: attachment.Orders.Read(r.Form), Filters: map[string]string{}}
	p.Listing.Query.Search = form.Line(strings.ToValidUTF8(p.Listing.Query.Search, ""))
	if show := r.Form.Get("show"); slices.Contains(attachment.Shows, show) {
		p.Listing.Filters["show"] = show
	}
	if p.Grid {
		p.Listing.Filters["view"] = "grid"
	}
	return p
}

// AskUpload answers whether there is something that files can be added to.
func (h Files) AskUpload(k Holder) func(*http.Request, staff.Viewer) error {
	return func(r *http.Request, _ staff.Viewer) error {
		_, err := k.find(h, r)
		return err
	}
}

// Upload adds files, hidden from the customer. Those that are refused do not
// cost the others.
func (h Files) Upload(k Holder) screenWithFiles {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer, sent *upload.Form) error {
		ctx := r.Context()
		on, err := k.find(h, r)
		if err != nil {
			return err
		}
		problems := problem.Set{}
		on.on.As = readDocument(r, problems)
		if err = problems.Err(); err == nil {
			err = h.Office.AddFiles(ctx, v, on.on, sent.Files)
		}
		if p := asProblems(err); p != nil {
			for _, words := range p {
				return apperr.Conflictf("%s Nothing was added.", words)
			}
		}
		if err != nil {
			return err
		}
		if upload.Scripted(r) {
			return sent.Answer(w)
		}
		words := strings.Join(append([]string{added(len(sent.Files), len(sent.Refused))}, sent.Reasons()...), "\n")
		if len(sent.Files) == 0 || len(sent.Refused) > 0 {
			session.Warn(ctx, words)
		} else {
			session.Flash(ctx, words)
		}
		r.Form = r.URL.Query()
		return page.Redirect(w, r, h.panel(v, on, r).Here())
	}
}

func added(taken, refused int) string {
	switch {
	case taken == 0 && refused == 0:
		return "Choose the files first."
	case taken == 0:
		return ""
	case taken == 1:
		return "One file was added. It is hidden from the customer."
	}
	return fmt.Sprintf("%d files were added. They are hidden from the customer.", taken)
}

// Share makes the ticked files viewable in the customer portal, or hides them.
func (h Files) Share(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		ctx := r.Context()
		ticked, choice := form.Many(r, "attachment"), form.Text(r, "visible")
		if choice != "yes" && choice != "no" {
			return apperr.Conflictf("Choose whether the files are viewable or hidden.")
		}
		visible := choice == "yes"
		changed, told, err := h.Office.ShareFiles(ctx, v, on.on, ticked, visible)
		if err != nil {
			return err
		}
		words, warn := shared(changed, visible), false
		switch {
		case len(ticked) == 0:
			words, warn = tickFirst, true
		case visible && changed > 0:
			words, warn = officeview.ToldWords(words, strings.TrimSuffix(words, "."), on.told.Thing, told)
		}
		say(ctx, words, warn)
		return page.Redirect(w, r, h.panel(v, on, r).Here())
	})
}

func shared(changed int, visible bool) string {
	files, are := "files", "are"
	if changed == 1 {
		files, are = "file", "is"
	}
	switch {
	case changed == 0:
		return "Nothing had to be changed."
	case visible:
		return fmt.Sprintf("%d %s %s viewable in the customer portal now.", changed, files, are)
	}
	return fmt.Sprintf("%d %s %s hidden from the customer portal now.", changed, files, are)
}

// Download sends the originals of the ticked files, or of all, as one archive.
func (h Files) Download(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		p := h.panel(v, on, r)
		ticked := tickedIDs(r)
		if len(ticked) == 0 && r.Form.Has("ticked") {
			session.Warn(r.Context(), tickFirst)
			return page.Redirect(w, r, p.Here())
		}
		files, err := attachment.All(r.Context(), h.DB, on.on, ticked...)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return apperr.NotFound
		}
		if len(files) == 1 && len(ticked) == 1 {
			return page.Redirect(w, r, route.OfficeAttachment(files[0].PublicID)+"?save=1")
		}
		originals := make([]download.File, len(files))
		for i, f := range files {
			originals[i] = download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Modified: f.UploadedAt}
		}
		return download.Zip(w, r, h.Store, on.name+" files.zip", originals)
	})
}

// Original sends a file as it was uploaded: what browsers can show opens, the
// rest is saved, and with save=1 everything. Contacts never get a photo's
// original.
func (h Files) Original(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	f, err := attachment.Find(r.Context(), h.DB, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	shows := (f.IsVideo() || f.IsPhoto() && f.MediaType != imaging.HEIC.MIME) && !r.URL.Query().Has("save")
	return download.Send(w, r, h.Store, download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Inline: shows})
}

// Web sends the large rendition of a photo.
func (h Files) Web(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return h.rendition(w, r, func(f attachment.File) string { return f.WebKey })
}

// Thumb sends the small rendition of a photo.
func (h Files) Thumb(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return h.rendition(w, r, func(f attachment.File) string { return f.ThumbKey })
}

func (h Files) rendition(w http.ResponseWriter, r *http.Request, key func(attachment.File) string) error {
	f, err := attachment.Find(r.Context(), h.DB, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	switch {
	case !f.IsPhoto():
		return apperr.NotFound
	case f.State == "ready":
		return download.Send(w, r, h.Store, download.File{Key: key(f), Name: download.Rendition(f.Name), Type: imaging.JPEG.MIME, Inline: true})
	}
	drawing := "img/photo-preparing.svg"
	if f.State == "broken" {
		drawing = "img/photo-broken.svg"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, static.URL(drawing), http.StatusFound)
	return nil
}
