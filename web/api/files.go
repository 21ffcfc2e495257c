package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/exchange"
	"fieldgate/internal/message"
	"fieldgate/internal/office"
	"fieldgate/internal/outbound"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/web/download"
	"fieldgate/web/page"
	"fieldgate/web/upload"
)

// Fetching is how long a file may take that is fetched from an address.
const Fetching = 5 * time.Minute

// Stored is a file.
type Stored struct {
	ID           string     `json:"id" doc:"Read its bytes at /api/v1/files/{id}/content."`
	Name         string     `json:"name"`
	Kind         string     `json:"kind" enum:"photo,video,document"`
	MediaType    string     `json:"media_type"`
	Size         int64      `json:"size" doc:"In bytes."`
	Caption      string     `json:"caption"`
	CustomerView bool       `json:"customer_view" doc:"Customer View: whether contacts who see the record see the file."`
	TakenAt      *time.Time `json:"taken_at,omitempty" doc:"Of a photo, by its camera."`
	UploadedAt   time.Time  `json:"uploaded_at"`
	UploadedBy   string     `json:"uploaded_by"`
}

func storedFile(f attachment.File) Stored {
	return Stored{
		ID: f.PublicID, Name: f.Name, Kind: f.Kind, MediaType: f.MediaType, Size: f.Size, Caption: f.Caption, CustomerView: f.CustomerView,
		TakenAt: f.TakenAt, UploadedAt: f.UploadedAt, UploadedBy: f.UploadedBy,
	}
}

// FetchedFile is a file that is fetched from an address.
type FetchedFile struct {
	URL          string `json:"url" format:"uri" doc:"Where it is, by https, in no private network. It is fetched at once, without redirects."`
	Name         string `json:"name,omitempty" doc:"What it is called; without, as the address ends."`
	SHA256       string `json:"sha256,omitempty" doc:"Its digest, in hexadecimal. With another one the file is refused."`
	Caption      string `json:"caption,omitempty" maxLength:"200"`
	CustomerView bool   `json:"customer_view,omitempty" doc:"Whether contacts who see the record see the file. Without it, they do not."`
	Told
}

type filesOutput struct {
	Body struct {
		Items []Stored `json:"items" nullable:"false" doc:"The oldest first."`
	}
}

type fileOutput struct {
	Status   int
	Location string `header:"Location"`
	State    string `header:"Fieldgate-State" doc:"new, or same when these bytes hang on the record already."`
	Body     Stored
}

type fileChange struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Caption      *string `json:"caption,omitempty" maxLength:"200"`
		CustomerView *bool   `json:"customer_view,omitempty"`
		Told
	}
}

const maxFile = attachment.MaxSize*8 + 1<<20 // of a video, with what stands around it

// files declares what hangs on things.
func (a *API) files() {
	for _, k := range []exchange.Kind{exchange.Customers, exchange.Equipment, exchange.Jobs, exchange.Quotes} {
		n, _ := nounOf(k)
		one, address := n.name, "/"+string(k)+"/{id}/files"
		Office(a, Op{ID: "list-" + one + "-files", Method: http.MethodGet, Path: address, Scope: "files:read", Group: "Files", Summary: "The files on " + n.one, Description: "Without those of messages, which stand with their messages."},
			func(ctx context.Context, by staff.Viewer, in *byID) (*filesOutput, error) {
				on, err := a.filesOn(ctx, by, k, in.ID)
				if err != nil {
					return nil, err
				}
				all, err := attachment.All(ctx, a.parts.DB, on)
				if err != nil {
					return nil, err
				}
				out := &filesOutput{}
				out.Body.Items = make([]Stored, len(all))
				for i, f := range all {
					out.Body.Items[i] = storedFile(f)
				}
				return out, nil
			})
		Office(a, Op{
			ID: "add-" + one + "-file", Method: http.MethodPost, Path: address, Scope: "files:write", Group: "Files", Summary: "Add a file to " + n.one, MaxBody: maxFile, Reads: true,
			Description: "As multipart/form-data: the fields caption, customer_view, tell and sha256, then file. Or as JSON with the address that it is fetched from. " +
				"A Content-Digest of the file’s part, or sha256, is compared with what came. The same bytes on the same record are kept once, whoever has added them: sent again, they are answered with 200 and the file that is there, so no Idempotency-Key is needed or looked at. " +
				"Bytes that were on the record and were removed from it are answered with 409: leave them out from then on. Contacts are told only with tell.",
		}, func(ctx context.Context, by staff.Viewer, in *byID) (*fileOutput, error) {
			on, err := a.filesOn(ctx, by, k, in.ID)
			if err != nil {
				return nil, err
			}
			return a.addFile(ctx, by, on)
		})
		ref := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[FetchedFile](), true, "")
		body := jsonBody(ref, map[string]any{"url": "https://files.example/report.pdf", "name": "Service report.pdf", "customer_view": true})
		body["multipart/form-data"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"caption": {Type: huma.TypeString}, "customer_view": {Type: huma.TypeBoolean}, "tell": {Type: huma.TypeBoolean}, "sha256": {Type: huma.TypeString},
			"file": {Type: huma.TypeString, Format: "binary"},
		}}}
		a.takesBody(http.MethodPost, page.API+address, body)
		a.answersAlso(http.MethodPost, page.API+address, "201", "It was added.")
	}
	Office(a, Op{ID: "get-file", Method: http.MethodGet, Path: "/files/{id}", Scope: "files:read", Group: "Files", Summary: "What is known of a file"},
		func(ctx context.Context, by staff.Viewer, in *byID) (*output[Stored], error) {
			f, err := a.file(ctx, by, in.ID)
			if err != nil {
				return nil, err
			}
			return &output[Stored]{storedFile(f)}, nil
		})
	Office(a, Op{ID: "get-file-content", Method: http.MethodGet, Path: "/files/{id}/content", Scope: "files:read", Group: "Files", Summary: "The bytes of a file", Description: "As they were sent. Part of them is sent for a Range.", Stream: true, Returns: "application/octet-stream"},
		func(ctx context.Context, by staff.Viewer, in *byID) (*huma.StreamResponse, error) {
			f, err := a.file(ctx, by, in.ID)
			if err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(h huma.Context) {
				r, w := humachi.Unwrap(h)
				if err := download.Send(w, r, a.parts.Store, download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType}); err != nil {
					page.Fail(w, r, err)
				}
			}}, nil
		})
	Office(a, Op{ID: "change-file", Method: http.MethodPatch, Path: "/files/{id}", Scope: "files:write", Group: "Files", Summary: "Change the caption of a file, or its Customer View", Description: "Contacts are told of a file that they see from now on only with tell."},
		func(ctx context.Context, by staff.Viewer, in *fileChange) (*output[Stored], error) {
			f, err := a.file(ctx, by, in.ID)
			if err != nil {
				return nil, err
			}
			if in.Body.Caption != nil {
				if err := a.setCaption(ctx, by, f, strings.TrimSpace(*in.Body.Caption)); err != nil {
					return nil, err
				}
			}
			if in.Body.CustomerView != nil {
				on := attachment.On{Customer: f.CustomerID, Job: f.JobID, Quote: f.QuoteID, Equipment: f.EquipmentID, Message: f.MessageID}
				if _, err := a.parts.Office.SetFileVisible(ctx, by, on, f.PublicID, *in.Body.CustomerView, in.Body.Tell); err != nil {
					return nil, err
				}
			}
			if f, err = a.file(ctx, by, in.ID); err != nil {
				return nil, err
			}
			return &output[Stored]{storedFile(f)}, nil
		})
	Office(a, Op{ID: "remove-file", Method: http.MethodDelete, Path: "/files/{id}", Scope: "files:write", Group: "Files", Summary: "Remove a file", Status: http.StatusNoContent},
		func(ctx context.Context, by staff.Viewer, in *byID) (*struct{}, error) {
			f, err := a.file(ctx, by, in.ID)
			if err != nil {
				return nil, err
			}
			_, err = a.parts.Office.RemoveFiles(ctx, by, []string{f.PublicID})
			return nil, err
		})
}

func (a *API) setCaption(ctx context.Context, by staff.Viewer, f attachment.File, text string) error {
	_, err := a.parts.Office.SetCaptions(ctx, by, []attachment.Caption{{File: f.PublicID, Seen: f.Caption, Text: text}})
	if wrong, ok := errors.AsType[problem.Set](err); ok {
		for _, words := range wrong {
			return problem.Of("caption", words)
		}
	}
	return err
}

// filesOn is where files of a thing hang, within reach.
func (a *API) filesOn(ctx context.Context, by staff.Viewer, k exchange.Kind, id string) (on attachment.On, err error) {
	r, err := exchange.Find(ctx, a.parts.DB, k, id, by.Reach)
	if err != nil {
		return on, err
	}
	h := exchange.HeadOf(r)
	on.Customer = h.CustomerRow
	switch k {
	case exchange.Jobs:
		on.Job = h.Row
	case exchange.Quotes:
		on.Quote = h.Row
	case exchange.Equipment:
		on.Equipment = h.Row
	default:
	}
	return on, nil
}

// file is a file within reach; those of staff notes need the scope for these.
func (a *API) file(ctx context.Context, by staff.Viewer, id string) (f attachment.File, err error) {
	if f, err = attachment.Find(ctx, a.parts.DB, id); err != nil {
		return f, err
	}
	if !exchange.Reach(by.Reach).Has(f.CustomerID) {
		return f, apperr.NotFound
	}
	if f.MessageID != 0 && !callOf(ctx).caller.Token.May(notesRead) {
		note, err := message.IsNote(ctx, a.parts.DB, f.MessageID)
		if err != nil {
			return f, err
		}
		if note {
			return f, apperr.NotFound
		}
	}
	return f, nil
}

// coming is a file on its way in, with what was said of it.
type coming struct {
	FetchedFile
	content io.Reader
	digests []string // in the header's form
	close   func()
}

// addFile takes the file that comes with the request, or from the address in it.
func (a *API) addFile(ctx context.Context, by staff.Viewer, on attachment.On) (*fileOutput, error) {
	c := callOf(ctx)
	in, err := a.comingFile(ctx, c)
	if err != nil {
		return nil, err
	}
	defer in.close()
	sum := sha256.New()
	form, err := upload.Take(upload.Sender{Token: by.Token}, in.Name, io.TeeReader(in.content, sum))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) && in.URL != "":
		return nil, problem.Of("url", "The file did not come whole from its address. Try it again.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, apperr.Conflictf("The file did not arrive whole. Send it again.")
	case err != nil:
		return nil, err
	}
	defer form.Close()
	if len(form.Refused) > 0 {
		return nil, problem.Of("file", form.Sentence())
	}
	if err := in.compare(sum); err != nil {
		return nil, err
	}
	file := form.Files[0]
	file.Digest = sum.Sum(nil)
	public, added, err := a.parts.Office.AddFile(ctx, by, on, office.Sent{Incoming: file, Caption: strings.TrimSpace(in.Caption), Visible: in.CustomerView, Tell: in.Tell})
	if err != nil {
		return nil, err
	}
	f, err := a.file(ctx, by, public)
	if err != nil {
		return nil, err
	}
	out := &fileOutput{Status: http.StatusOK, State: string(exchange.Same), Body: storedFile(f)}
	if added {
		out.Status, out.State, out.Location = http.StatusCreated, string(exchange.New), page.API+"/files/"+public
	}
	return out, nil
}

func (a *API) comingFile(ctx context.Context, c *call) (*coming, error) {
	media, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if media == "multipart/form-data" {
		return comingPart(c.r)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, usualBody))
	if err != nil {
		return nil, err //nolint:wrapcheck // judged by its type
	}
	in := &coming{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in.FetchedFile); err != nil {
		return nil, problem.Of("", "Send a file as multipart/form-data, or one JSON object with the url that it is fetched from.")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, in.URL, http.NoBody)
	if err == nil && r.URL.Host == "" {
		err = errors.New("no address")
	}
	if err != nil {
		return nil, problem.Of("url", "Send an address that begins with https://.")
	}
	answer, err := a.parts.Fetch.Do(r) //nolint:bodyclose // in.close closes it
	if err != nil {
		return nil, problem.Of("url", "The file could not be fetched: "+outbound.Words(err)+".")
	}
	in.content, in.close = answer.Body, func() { _ = answer.Body.Close() }
	if answer.StatusCode != http.StatusOK {
		in.close()
		return nil, problem.Of("url", fmt.Sprintf("The file could not be fetched: its address answers %d.", answer.StatusCode))
	}
	if in.Name == "" {
		in.Name = nameOf(r.URL)
	}
	in.digests = answer.Header.Values("Content-Digest")
	return in, nil
}

// nameOf is how an address ends.
func nameOf(u *url.URL) string {
	if name := path.Base(u.Path); name != "/" && name != "." {
		return name
	}
	return "file"
}

// comingPart reads what stands before the file.
func comingPart(r *http.Request) (*coming, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, problem.Of("", "Send a file as multipart/form-data, or one JSON object with the url that it is fetched from.")
	}
	in := &coming{close: func() {}}
	for range 20 {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, apperr.Conflictf("The file did not arrive whole. Send it again.")
		}
		if part.FileName() != "" {
			in.Name, in.content, in.digests = part.FileName(), part, append(part.Header.Values("Content-Digest"), r.Header.Values("Content-Digest")...)
			return in, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, 64<<10))
		if err != nil {
			return nil, apperr.Conflictf("The file did not arrive whole. Send it again.")
		}
		switch text := string(value); part.FormName() {
		case "caption":
			in.Caption = text
		case "sha256":
			in.SHA256 = text
		case "customer_view":
			in.CustomerView = text == "true"
		case "tell":
			in.Tell = text == "true"
		}
	}
	return nil, problem.Of("file", "Send a file.")
}

// compare refuses bytes that are not those that were meant.
func (in *coming) compare(sum hash.Hash) error {
	got := sum.Sum(nil)
	if in.SHA256 != "" {
		if want, err := hex.DecodeString(strings.TrimSpace(in.SHA256)); err != nil || !bytes.Equal(want, got) {
			return problem.Of("sha256", "These are not the bytes that the digest was made of. Send the file again.")
		}
	}
	for _, header := range in.digests {
		for part := range strings.SplitSeq(header, ",") {
			algorithm, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if algorithm != "sha-256" {
				continue
			}
			if want, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":")); err != nil || !bytes.Equal(want, got) {
				return problem.Of("Content-Digest", "These are not the bytes that the digest was made of. Send the file again.")
			}
		}
	}
	return nil
}
