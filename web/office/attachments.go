package officeweb

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/attachment/imaging"
	"fieldgate/internal/blob"
	"fieldgate/internal/fault"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
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

// JobFiles are the files of jobs, and the sending of any file to staff.
type JobFiles struct {
	Pool  *pgxpool.Pool
	Store blob.Store
	Queue *queue.Client
}

// List is the tab Attachments of a job.
func (h JobFiles) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	panel := h.panel(&v, "Contacts who see this job see the files with Y under Customer View; photos as pictures for the screen, without the place where they were taken.")
	head, err := Jobs{h.Pool}.head(r, v, "attachments")
	if err != nil {
		return err
	}
	panel.URL = route.OfficeJob(head.Job.Number, "attachments")
	if panel.Files, err = attachment.All(r.Context(), h.Pool, attachment.On{Customer: head.Job.CustomerID, Job: head.Job.ID}); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.AttachmentsOfJob(officeview.JobAttachments{JobHead: head, Panel: panel}))
}

// panel takes from what the last request has to say what the files' own list
// of reasons shows: every line but the first.
func (h JobFiles) panel(v *staff.Viewer, seen string) officeview.AttachmentsPanel {
	first, rest, more := strings.Cut(v.Flash, "\n")
	v.Flash = first
	p := officeview.AttachmentsPanel{Format: v.Format, Seen: seen}
	if more {
		p.Refused = strings.Split(rest, "\n")
	}
	return p
}

// on is what the files of the job in the address hang on.
func (h JobFiles) on(ctx context.Context, r *http.Request) (attachment.On, string, error) {
	j, err := job.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	return attachment.On{Customer: j.CustomerID, Job: j.ID}, route.OfficeJob(j.Number, "attachments"), err
}

// Upload adds files to a job.
func (h JobFiles) Upload(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	on, back, err := h.on(r.Context(), r)
	if err != nil {
		return err
	}
	return h.receive(w, r, v, on, back)
}

// receive adds the files of a form to whatever they are to hang on. Those that
// are refused do not cost the others.
func (h JobFiles) receive(w http.ResponseWriter, r *http.Request, v staff.Viewer, on attachment.On, back string) error {
	ctx := r.Context()
	sent, err := upload.Receive(w, r)
	if err != nil {
		return err
	}
	defer sent.Close()
	err = attachment.Storing(ctx, h.Store, sent.Files, func(files []attachment.Stored) error {
		return postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return attachment.Add(ctx, tx, v.Actor(), h.Queue, on, files) })
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, strings.Join(append([]string{added(len(sent.Files), len(sent.Refused))}, sent.Reasons()...), "\n"))
	return page.See(w, r, back)
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

// Share makes the ticked files of a job viewable in the customer portal, or
// hides them.
func (h JobFiles) Share(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	on, back, err := h.on(r.Context(), r)
	if err != nil {
		return err
	}
	return h.share(w, r, v, on, back)
}

func (h JobFiles) share(w http.ResponseWriter, r *http.Request, v staff.Viewer, on attachment.On, back string) error {
	ctx := r.Context()
	ticked, choice := form.Many(r, "attachment"), form.Text(r, "visible")
	if choice != "yes" && choice != "no" {
		return fault.Refuse("Choose whether the files are viewable or hidden.")
	}
	visible := choice == "yes"
	var changed []int64
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		changed, err = attachment.Share(ctx, tx, v.Actor(), on, ticked, visible)
		return err
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, shared(len(ticked), len(changed), visible))
	return page.See(w, r, back)
}

func shared(ticked, changed int, visible bool) string {
	files, are := "files", "are"
	if changed == 1 {
		files, are = "file", "is"
	}
	switch {
	case ticked == 0:
		return "Tick the files first."
	case changed == 0:
		return "Nothing had to be changed."
	case visible:
		return fmt.Sprintf("%d %s %s viewable in the customer portal now.", changed, files, are)
	}
	return fmt.Sprintf("%d %s %s hidden from the customer portal now.", changed, files, are)
}

// Original sends a file as it was uploaded: what browsers can show opens, the
// rest is saved. Contacts never get a photo's original.
func (h JobFiles) Original(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	f, err := attachment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return download.Send(w, r, h.Store, download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Inline: f.IsPhoto() && f.MediaType != imaging.HEIC.MIME})
}

// Web sends the large rendition of a photo.
func (h JobFiles) Web(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return h.rendition(w, r, func(f attachment.File) string { return f.WebKey })
}

// Thumb sends the small rendition of a photo.
func (h JobFiles) Thumb(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return h.rendition(w, r, func(f attachment.File) string { return f.ThumbKey })
}

func (h JobFiles) rendition(w http.ResponseWriter, r *http.Request, key func(attachment.File) string) error {
	f, err := attachment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	switch {
	case !f.IsPhoto():
		return fault.NotFound
	case f.State == "ready":
		name := strings.TrimSuffix(f.Name, path.Ext(f.Name)) + ".jpg"
		return download.Send(w, r, h.Store, download.File{Key: key(f), Name: name, Type: imaging.JPEG.MIME, Inline: true})
	}
	drawing := "img/photo-preparing.svg"
	if f.State == "broken" {
		drawing = "img/photo-broken.svg"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, static.URL(drawing), http.StatusFound)
	return nil
}
