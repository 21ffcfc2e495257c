package inbound

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shapes are emails as programs around the world write them, with what is right.
var shapes = []struct {
	file           string
	text           string
	anyText        bool
	files, refused []string
	automatic      string
	broken         string
	name           string // the sender's
}{
	{file: "gmail-top", text: "Thursday suits us, thanks."},
	{file: "gmail-broken-attribution", text: "The gate code is 4711."},
	{file: "gmail-bottom", text: "Please come to the back door."},
	{file: "inline-answers", text: "The back one.\n\nYes, Kim is."},
	{file: "gmail-html-only", text: "Thursday suits us.\nSee you then,\nLee"},
	{file: "gmail-html-bottom", text: "The back one."},
	{file: "gmail-alternative", text: "Yes please."},
	{file: "outlook-html", text: "Hi,\n\nUnit 3 leaks as well.\nRegards, Lee"},
	{file: "outlook-plain", text: "Unit 3 leaks as well.\n\nRegards, Lee"},
	{file: "outlook-divider", text: "Please move it to Friday."},
	{file: "outlook-original-message", text: "Noted."},
	{file: "outlook-web-html", text: "Can you come earlier?"},
	{file: "outlook-ios", text: "OK from me."},
	{file: "outlook-ios-plain", text: "OK from me."},
	{file: "outlook-german", text: "Passt, danke."},
	{file: "outlook-french", text: "Cela nous convient."},
	{file: "outlook-starred", text: "See below."},
	{file: "apple-mail", text: "Works for us.\n\nLee"},
	{file: "apple-mail-html", text: "Works for us.\n\nLee"},
	{file: "iphone", text: "Yes"},
	{file: "iphone-german", text: "Ja, gern"},
	{file: "samsung", text: "Come at nine"},
	{file: "yahoo", text: "The blue van is in the way."},
	{file: "thunderbird", text: "Neun Uhr geht auch."},
	{file: "thunderbird-html", text: "Neun Uhr geht auch."},
	{file: "proton", text: "Deal."},
	{file: "gmx", text: "In Ordnung."},
	{file: "french", text: "Oui, jeudi."},
	{file: "spanish", text: "Sí, el jueves."},
	{file: "italian", text: "Va bene."},
	{file: "dutch", text: "Prima."},
	{file: "portuguese", text: "Pode ser."},
	{file: "swedish", text: "Bra."},
	{file: "polish", text: "Dobrze."},
	{file: "russian", text: "Хорошо."},
	{file: "japanese-iso-2022", text: "木曜日で大丈夫です。"},
	{file: "chinese-gb18030", text: "星期四可以。"},
	{file: "umlauts-latin1", text: "Die Tür klemmt, grüße aus München"},
	{file: "umlauts-latin15", text: "Kostet das 50 €? Grüße"},
	{file: "umlauts-windows1252", text: "„Ja“ – die Tür"},
	{file: "umlauts-base64", text: "Grüße aus Köln"},
	{file: "umlauts-utf16", text: "Grüße"},
	{file: "umlauts-mislabelled", text: "Grüße ohne Angabe"},
	{file: "umlauts-unlabelled", text: "Grüße in UTF-8"},
	{file: "umlauts-decomposed", text: "Grüße"},
	{file: "koi8", text: "Приходите в четверг"},
	{file: "quoted-printable-soft-breaks", text: "A line that is quite long and was therefore broken by the program that sent it, twice = really."},
	{file: "format-flowed", text: "This paragraph was broken by the program only.\n\nAnd this is another."},
	{file: "format-flowed-delsp", text: "長い行は分かれます"},
	{file: "subject-encoded", text: "Hello", name: "Lüder Kim"},
	{file: "photo-attached", text: "Photo of the leak.", files: []string{"IMG_0042.jpeg"}},
	{file: "photo-alone", files: []string{"IMG_0043.jpeg"}},
	{file: "apple-photo-between-texts", text: "This one drips:\n\nand it is loud.", files: []string{"IMG_1.jpeg"}},
	{file: "signature-logo", text: "See you.\n\nLee"},
	{file: "picture-in-text", text: "Look:", files: []string{"shot.jpg"}},
	{file: "our-pictures-quoted", text: "Thanks"},
	{file: "tracking-pixel", text: "Fine"},
	{file: "winmail", text: "Report attached.", refused: []string{"winmail.dat"}},
	{file: "calendar-accepted", text: "Calendar: accepted “Rooftop unit service”.\nRing at the back, please"},
	{file: "calendar-declined", text: "Calendar: declined “Rooftop unit service”."},
	{file: "calendar-invitation", text: "Can you make this?", refused: []string{"invite.ics"}},
	{file: "forwarded-email", text: "As our landlord wrote.", files: []string{"Roof - access.eml"}},
	{file: "forward-inline", text: "As our landlord wrote:"},
	{file: "signed-smime", text: "Signed words."},
	{file: "encrypted-pgp", files: []string{"encrypted.asc"}, broken: "It is encrypted, and only its sender's correspondents can read it."},
	{file: "names-rfc2231", text: "Plan", files: []string{"Grüner Plan.pdf"}},
	{file: "names-rfc2047", text: "Plan", files: []string{"Grüner Plan.pdf"}},
	{file: "names-continued", text: "Plan", files: []string{"A very long name of a plan.pdf"}},
	{file: "names-missing", text: "Plan", files: []string{"file 1.pdf"}},
	{file: "names-with-folders", text: "Plan", files: []string{"..\\..\\plan.pdf"}},
	{file: "last-boundary-missing", text: "Cut off on the way."},
	{file: "html-scripts-and-styles", text: "Words only <here>\n\n• one\n• two"},
	{file: "html-table-layout", text: "Unit 3\nFloor 2"},
	{file: "signature-dashes", text: "Come to reception."},
	{file: "android-mail", text: "Ok"},
	{file: "nothing-but-a-quote"},
	{file: "mentions-a-date", text: "On Monday the dentist wrote: nothing works.\nFrom: the roof it drips."},
	{file: "dashes-in-text", text: "Rooms:\n---\n1 cold\n2 warm"},
	{file: "out-of-office", text: "I am away until Monday.", automatic: "An automatic answer"},
	{file: "out-of-office-german", text: "Ich bin nicht im Haus.", automatic: "An automatic answer"},
	{file: "out-of-office-vacation", text: "Gone fishing", automatic: "An automatic answer"},
	{file: "mailing-list", text: "News", automatic: "From a mailing list"},
	{file: "newsletter", text: "Sale", automatic: "Sent by a program"},
	{file: "ticket-system", text: "We have received your request", automatic: "Sent by a program"},
	{file: "read-receipt", text: "Your message was displayed.", automatic: "A receipt for reading"},
	{file: "bounce-postfix", text: "This is the mail system at host mx.harbour.example.", automatic: "A delivery report"},
	{file: "bounce-delayed", text: "This is the mail system at host mx.harbour.example.", automatic: "A delivery report"},
	{file: "bounce-exim", anyText: true, automatic: "A delivery report"},
}

func TestShapes(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range shapes {
		known[s.file+".eml"] = true
		t.Run(s.file, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(filepath.Join("testdata", s.file+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			e := Parse(raw)
			if !s.anyText && e.Text != s.text {
				t.Errorf("text:\n%q, want\n%q\nfolded away: %q", e.Text, s.text, e.Quoted)
			}
			var files, refused []string
			for _, f := range e.Files {
				if f.Refused != "" {
					refused = append(refused, f.Name)
				} else {
					files = append(files, f.Name)
				}
			}
			if !slices.Equal(files, s.files) || !slices.Equal(refused, s.refused) {
				t.Errorf("files %q, refused %q", files, refused)
			}
			if e.Automatic != s.automatic || e.Broken != s.broken {
				t.Errorf("automatic %q, broken %q", e.Automatic, e.Broken)
			}
			if s.name != "" && e.From.Name != s.name {
				t.Errorf("from %q", e.From.Name)
			}
			if !strings.HasPrefix(s.file, "bounce") && (e.From.Address != "lee@harbour.example" || e.Froms != 1 || len(e.To) != 1 || !strings.HasPrefix(e.To[0], "replies+")) {
				t.Errorf("from %v (%d) to %q", e.From, e.Froms, e.To)
			}
			again := Parse([]byte(strings.ReplaceAll("Received: by another; x\r\n"+string(raw)+"\r\n", "\r\n", "\n")))
			if again.Digest != e.Digest || again.Text != e.Text {
				t.Error("a copy that went another way is another email")
			}
		})
	}
	all, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(all) < 50 {
		t.Fatal(len(all), err)
	}
	for _, path := range all {
		if !known[filepath.Base(path)] {
			t.Errorf("nobody knows what is right for %s", path)
		}
	}
}
