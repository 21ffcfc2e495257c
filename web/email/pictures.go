package email

import (
	"fmt"

	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	emailview "fieldgate/templates/email"
)

// picturesOf are the photos that a mail shows.
func picturesOf(content any) []notify.Picture {
	switch c := content.(type) {
	case notify.SharedFiles:
		return c.Pictures
	case notify.MessageNotice:
		return c.Pictures
	case notify.JobReport:
		return c.Pictures
	}
	return nil
}

// pictureCID names a photo within a mail; programs that list what came with a
// mail show it as the file's name.
func pictureCID(i int) string { return fmt.Sprintf("photo-%d.jpg", i+1) }

// pictures are the photos as they go with the mail.
func pictures(content any) (inline []mail.Inline) {
	for i, p := range picturesOf(content) {
		inline = append(inline, mail.Inline{CID: pictureCID(i), Type: "image/jpeg", Data: p.Data})
	}
	return inline
}

// shownPictures are the photos as the mail shows them, three in a row where there
// is room; each leads to the page.
func shownPictures(content any, url string) []emailview.Block {
	block := emailview.Pictures{URL: url}
	for i, p := range picturesOf(content) {
		width, height := within(p.Width, p.Height, 152, 152)
		block.All = append(block.All, emailview.Picture{CID: pictureCID(i), Alt: p.Name, Width: width, Height: height})
	}
	if block.All == nil {
		return nil
	}
	return []emailview.Block{block}
}
