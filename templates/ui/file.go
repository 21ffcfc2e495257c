package ui

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"fieldgate/internal/attachment"
	"fieldgate/internal/imaging"
)

// FilesTaken says under a field for files what may be sent, FilesAccepted is its
// attribute accept.
var (
	FilesTaken = "JPEG, PNG, WebP or HEIC photos; MP4 or MOV videos; PDF, Word, Excel, text, CSV, email or ZIP. " +
		strconv.Itoa(attachment.MaxSize>>20) + "\u00a0MB each, videos " + strconv.Itoa(attachment.MaxVideo>>20) + "\u00a0MB, " + strconv.Itoa(attachment.MaxFiles) + " at once."
	FilesAccepted = "image/*,video/mp4,video/quicktime," + imaging.Accept
)

// FileLimits are the limits of files, for the browser to check before they are
// sent, beside other attributes of such a field.
func FileLimits(more ...string) templ.Attributes {
	a := templ.Attributes{"data-limit": strconv.Itoa(attachment.MaxSize), "data-video-limit": strconv.Itoa(attachment.MaxVideo), "data-most": strconv.Itoa(attachment.MaxFiles), "data-taken": imaging.Taken}
	for _, name := range more {
		a[name] = true
	}
	return a
}

// FileIcon is the icon of a document.
func FileIcon(t imaging.Type) string {
	switch {
	case t.Spreadsheet():
		return "file-spreadsheet"
	case t == imaging.EML || t == imaging.MSG:
		return "mail"
	case t == imaging.ZIP:
		return "box"
	}
	return "file-text"
}

// The states of a photo.
const (
	Ready     = ""
	Waiting   = "preparing" // its pictures are being made
	Broken    = "broken"    // no picture can be made of it
	giveUp    = 10 * time.Minute
	brokenWhy = "This photo cannot be shown. Save it as JPEG and send it again."
)

// Photo is a picture of a grid.
type Photo struct {
	ID string // of its element, needed while it is Waiting
	// URL is the large picture, SaveURL what Download saves when that is something else.
	URL, ThumbURL, SaveURL string
	// Name is the file's name, Caption what somebody wrote about it.
	Name, Caption string
	// Detail is the quiet line: "Tom, 3 March".
	Detail string
	// Width and Height keep the page still while it loads; zero if unknown.
	Width, Height int
	// State is Ready, Waiting, for as long as Waited says, or Broken for the reason Why.
	State  string
	Waited time.Duration
	Why    string
	// Video says that URL is played instead of shown.
	Video bool
}

func (p Photo) words() string { return cmp.Or(p.Caption, p.Name) }

func (p Photo) element() string { return "file-" + p.ID }

// link are the attributes of a link that opens the photo in the viewer.
func (p Photo) link() templ.OrderedAttributes {
	a := templ.OrderedAttributes{
		{Key: "href", Value: string(templ.URL(p.URL))}, {Key: "data-photo", Value: true}, {Key: "data-caption", Value: p.words()}, {Key: "data-detail", Value: p.Detail},
	}
	if p.SaveURL != "" {
		a = append(a, templ.KeyValue[string, any]{Key: "data-save", Value: p.SaveURL})
	}
	if p.Width > 0 && p.Height > 0 {
		a = append(a, templ.KeyValue[string, any]{Key: "data-width", Value: strconv.Itoa(p.Width)}, templ.KeyValue[string, any]{Key: "data-height", Value: strconv.Itoa(p.Height)})
	}
	return a
}

// Link are the attributes of a link that opens the photo in the viewer, for lists that show more than pictures.
func (p Photo) Link() templ.OrderedAttributes { return p.link() }

// waiting says why there is no picture; nothing when there is one.
func (p Photo) waiting() string {
	switch {
	case p.State == Broken:
		return cmp.Or(p.Why, brokenWhy)
	case p.State == Ready:
		return ""
	case p.Waited > giveUp:
		return "This takes longer than usual. Look again later."
	}
	return "Being prepared, it shows in a moment."
}

// awaited are the elements of photos that will be ready soon.
func awaited(photos []Photo) (elements []string) {
	for _, p := range photos {
		if p.State == Waiting && p.Waited < giveUp {
			elements = append(elements, "#"+p.element())
		}
	}
	return elements
}

// Tiled is a file of a grid, to be ticked as Name with Value.
type Tiled struct {
	Photo       Photo // of a document, the name, detail and address
	Icon        string
	Name, Value string
	Shared      bool
	SharedWords string
}

// File is a document of a list.
type File struct {
	Name, URL string
	// Detail is the quiet line: "PDF, 1.2 MB, 3 March".
	Detail  string
	Caption string
	// Icon is file-text when empty.
	Icon string
}

// FileSize is a size in bytes as people read it: 740 KB, 1.2 MB.
func FileSize(bytes int64) string {
	const kilo, mega, giga = 1000, 1000 * 1000, 1000 * 1000 * 1000
	if bytes >= giga {
		return strings.TrimSuffix(strconv.FormatFloat(float64(bytes)/giga, 'f', 1, 64), ".0") + "\u202fGB"
	}
	if bytes < mega-kilo/2 {
		return strconv.FormatInt(max(1, (bytes+kilo/2)/kilo), 10) + "\u202fKB"
	}
	return strconv.FormatFloat(float64(bytes)/mega, 'f', 1, 64) + "\u202fMB"
}
