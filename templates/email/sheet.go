package emailview

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"fieldgate/internal/branding"
)

// Mail programs read styles on elements only, and many drop a stylesheet. So
// each look stands here once, and the template asks for it by name. What
// changes in the dark goes into the one stylesheet there is, for programs that
// read it; the others turn colours over by themselves.
type look struct{ name, light, dark string }

const (
	sans = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
	mono = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
)

type sheet struct{ looks []look }

func newSheet(p branding.Palette) sheet {
	l, d := p.Light, p.Dark
	const (
		ink, inkDark     = "color:#1c2230;", "color:#eceef2"
		quiet, quietDark = "color:#5a6375;", "color:#a9b1c0"
		line, lineDark   = "#e3e6ec", "border-color:#3a3f4a"
	)
	return sheet{[]look{
		{"page", "margin:0;padding:0;background-color:#f3f4f7;" + sans + ink, "background-color:#15171b;" + inkDark},
		{"frame", "padding:32px 12px;", ""},
		{"column", "width:100%;max-width:560px;", ""},
		{"bar", "height:5px;line-height:5px;font-size:0;border-radius:10px 10px 0 0;background-color:" + l.Brand + ";", "background-color:" + d.Brand},
		{"card", "padding:28px 32px 12px;background-color:#ffffff;border-radius:0 0 10px 10px;" + sans + ink, "background-color:#21242a;" + inkDark},
		{"head", "padding:0 0 24px;", ""},
		// The plate stays white in the dark: logos are drawn for paper.
		{"plate", "background-color:#ffffff;border-radius:6px;", "padding:8px 12px"},
		{"logo", "display:block;border:0;outline:none;" + sans + "font-size:18px;font-weight:700;color:#1c2230;", ""},
		{"name", "margin:0;font-size:18px;line-height:24px;font-weight:700;color:" + l.Ink + ";", "color:" + d.Ink},
		{"heading", "margin:0 0 16px;font-size:23px;line-height:30px;font-weight:700;letter-spacing:-0.01em;" + ink, inkDark},
		{"paragraph", "margin:0 0 16px;font-size:16px;line-height:25px;" + ink, inkDark},
		{"note", "margin:0 0 16px;font-size:14px;line-height:21px;" + quiet, quietDark},
		{"facts", "width:100%;margin:0 0 20px;border-top:1px solid " + line + ";", lineDark},
		{"label", "padding:9px 16px 9px 0;width:34%;font-size:14px;line-height:21px;vertical-align:top;text-align:left;font-weight:400;border-bottom:1px solid " + line + ";" + quiet, lineDark + ";" + quietDark},
		{"value", "padding:9px 0;font-size:15px;line-height:21px;vertical-align:top;overflow-wrap:anywhere;word-break:break-word;border-bottom:1px solid " + line + ";" + ink, lineDark + ";" + inkDark},
		{"code", "font-size:16px;" + mono, ""},
		{"digits", "margin:8px 0 20px;font-size:36px;line-height:44px;font-weight:700;letter-spacing:0.08em;" + mono, ""},
		{"half", "padding-left:0.35em;", ""},
		{"quiet", quiet, quietDark},
		{"was", "text-decoration:line-through;" + quiet, quietDark},
		{"button", "padding:4px 0 8px;", ""},
		// Word draws Outlook's mails and knows no padding of links.
		{"fill", "border-radius:8px;mso-padding-alt:13px 26px;background-color:" + l.Brand + ";", "background-color:" + d.Brand},
		{"link", "display:inline-block;padding:13px 26px;border-radius:8px;font-size:16px;line-height:22px;font-weight:600;text-decoration:none;" + sans + "color:" + l.On + ";", "color:" + d.On},
		{"written", "margin:0 0 20px;font-size:13px;line-height:19px;overflow-wrap:anywhere;word-break:break-all;" + quiet, quietDark},
		{"inline", "color:" + l.Ink + ";", "color:" + d.Ink},
		{"extract", "margin:0 0 20px;padding:12px 16px;border-left:3px solid " + l.Brand + ";background-color:#f6f7f9;font-size:15px;line-height:23px;overflow-wrap:anywhere;word-break:break-word;" + ink, "background-color:#2a2e35;border-color:" + d.Brand + ";" + inkDark},
		{"pictures", "margin:0 0 12px;line-height:0;", ""},
		{"picture", "display:inline-block;margin:0 8px 8px 0;text-decoration:none;vertical-align:top;" + sans + "font-size:14px;line-height:21px;", ""},
		{"photo", "display:inline-block;border:0;border-radius:6px;vertical-align:top;", ""},
		{"caption", "margin:0 0 6px;font-size:14px;line-height:21px;" + quiet, quietDark},
		{"foot", "padding:20px 32px 0;font-size:13px;line-height:20px;" + sans + quiet, quietDark},
		{"foottext", "margin:0 0 10px;font-size:13px;line-height:20px;" + quiet, quietDark},
		{"footlink", "text-decoration:underline;" + quiet, quietDark},
		// Shown in lists of mails, not in the mail.
		{"preheader", "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:#f3f4f7;", ""},
	}}
}

// as are the attributes that make an element look like that.
func (s sheet) as(name string) templ.Attributes {
	for _, l := range s.looks {
		if l.name == name {
			return templ.Attributes{"class": name, "style": l.light}
		}
	}
	panic("mails have no look " + name)
}

// stylesheet is what changes in the dark and on narrow screens.
func (s sheet) stylesheet() templ.Component {
	var b strings.Builder
	b.WriteString("<style>:root{color-scheme:light dark;supported-color-schemes:light dark}@media (max-width:480px){.card{padding:24px 20px 8px!important}.foot{padding:20px 20px 0!important}.frame{padding:0 0 24px!important}.bar{border-radius:0!important}.label,.value{display:block!important;width:auto!important}.label{padding:10px 0 0!important;border-bottom:0!important}.value{padding:0 0 10px!important}}@media (prefers-color-scheme:dark){")
	for _, l := range s.looks {
		if l.dark != "" {
			fmt.Fprintf(&b, ".%s{%s!important}", l.name, strings.ReplaceAll(l.dark, ";", "!important;"))
		}
	}
	b.WriteString("}</style>")
	return templ.Raw(b.String())
}
