/* A filled template as PDF: A4 with the margins of official papers (GB/T 9704), Chinese set by
 * pango, fonts embedded by cairo. Paragraphs and table rows break over pages line by line. */
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "reason/documents/documents_internal.h"

#define MM (72 / 25.4)
#define PAGE_W (210 * MM)
#define PAGE_H (297 * MM)
#define TOP (37 * MM)
#define BOTTOM (PAGE_H - 35 * MM)
#define LEFT (28 * MM)
#define WIDTH (156 * MM)
#define BODY 16.0 /* 三号 */
#define CELL 12.0
#define PAD 3.5
#define CELLS_MOST 40
#define PAGES_MOST 500
#define TEXT_MAX (1 << 20)
#define FONT "Noto Serif CJK SC"

/* Debian 12's cairo 1.16 loses 768 bytes for each font of each document (measured: 8 documents, 8
 * objects; 16, 16), and fontconfig keeps a little for good. Builds that look for leaks are told, so
 * that ours still show. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcairo.so\nleak:libfontconfig.so\n";
}
#endif
/* Pango looks for fonts on a thread of its own; what it and fontconfig lock is not seen from
 * outside. */
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:libfontconfig.so\ncalled_from_lib:libpango-1.0.so\n"
	       "called_from_lib:libpangoft2-1.0.so\ncalled_from_lib:libpangocairo-1.0.so\n"
	       "called_from_lib:libglib-2.0.so\nrace:libfontconfig.so\n";
}
#endif

struct pdf {
	cairo_t *cr;
	PangoContext *pango;
	double y;
	int page;
	struct ss_buf *out;
	/* The paragraph being gathered, in pango's markup. */
	struct ss_buf text;
	double size;
	PangoAlignment align;
	bool indent, bold;
	int err;
};

/* --- pages -------------------------------------------------------------------------------------
 */

static cairo_status_t write_out(void *arg, const unsigned char *p, unsigned int n)
{
	struct pdf *d = arg;

	return ss_buf_add(d->out, p, n) < 0 ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static PangoLayout *layout_of(struct pdf *d, const char *markup, double size, double width)
{
	PangoLayout *l = pango_layout_new(d->pango);
	PangoFontDescription *font = pango_font_description_from_string(FONT);

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_line_spacing(l, 1.35F);
	if (pango_parse_markup(markup, -1, 0, NULL, NULL, NULL, NULL))
		pango_layout_set_markup(l, markup, -1);
	else
		pango_layout_set_text(l, markup, -1);
	return l;
}

static void page_number(struct pdf *d)
{
	char text[40];
	PangoLayout *l;

	snprintf(text, sizeof(text), "— %d —", d->page);
	l = layout_of(d, text, 10.5, WIDTH);
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	cairo_move_to(d->cr, LEFT, BOTTOM + 7 * MM);
	pango_cairo_show_layout(d->cr, l);
	g_object_unref(l);
}

static void next_page(struct pdf *d)
{
	page_number(d);
	if (++d->page > PAGES_MOST)
		d->err = SS_ETOOBIG;
	cairo_show_page(d->cr);
	d->y = TOP;
}

/* --- paragraphs --------------------------------------------------------------------------------
 */

/* Draws the lines of a layout from *line on that end above `bottom`; the height that they took. */
static double lines(struct pdf *d, PangoLayout *l, int *line, double x, double y, double bottom)
{
	PangoLayoutIter *it = pango_layout_get_iter(l);
	double used = 0;
	int i = 0;

	do {
		PangoRectangle box;
		int top, end;
		double height;

		pango_layout_iter_get_line_yrange(it, &top, &end);
		height = (double)(end - top) / PANGO_SCALE;
		if (i++ < *line)
			continue;
		if (y + used + height > bottom && (used > 0 || y > TOP + 1))
			break;
		pango_layout_iter_get_line_extents(it, NULL, &box);
		cairo_move_to(d->cr, x + (double)box.x / PANGO_SCALE,
			      y + used +
				  (double)(pango_layout_iter_get_baseline(it) - top) / PANGO_SCALE);
		pango_cairo_show_layout_line(d->cr, pango_layout_iter_get_line_readonly(it));
		used += height;
		(*line)++;
	} while (pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
	return used;
}

static void paragraph(struct pdf *d)
{
	PangoLayout *l;
	int line = 0, n;

	if (ss_str_trim(ss_buf_str(&d->text)).n) {
		l = layout_of(d, d->text.p, d->size, WIDTH);
		if (d->indent)
			pango_layout_set_indent(l, (int)(2 * d->size * PANGO_SCALE));
		pango_layout_set_alignment(l, d->align);
		pango_layout_set_justify(l, d->align == PANGO_ALIGN_LEFT);
		n = pango_layout_get_line_count(l);
		while (line < n && !d->err) {
			d->y += lines(d, l, &line, LEFT, d->y, BOTTOM);
			if (line < n)
				next_page(d);
		}
		g_object_unref(l);
	}
	ss_buf_reset(&d->text);
}

static void rule(struct pdf *d)
{
	cairo_move_to(d->cr, LEFT, d->y + 6);
	cairo_line_to(d->cr, LEFT + WIDTH, d->y + 6);
	cairo_set_line_width(d->cr, 0.8);
	cairo_stroke(d->cr);
	d->y += 12;
}

static void qr(struct pdf *d, struct ss_str text)
{
	struct ssd_qr q;
	double size = 25 * MM, unit;

	if (ssd_qr(text, &q) < 0)
		return;
	if (d->y + size > BOTTOM)
		next_page(d);
	unit = size / (q.width + 8);
	for (int y = 0; y < q.width; y++) {
		for (int x = 0; x < q.width; x++) {
			if (ssd_qr_dark(&q, x, y))
				cairo_rectangle(d->cr, LEFT + (x + 4) * unit, d->y + (y + 4) * unit,
						unit, unit);
		}
	}
	cairo_fill(d->cr);
	ssd_qr_done(&q);
	d->y += size;
}

/* --- tables ------------------------------------------------------------------------------------
 */

struct cell {
	PangoLayout *layout;
	double x, width;
	int line, lines;
};
struct row {
	struct cell cell[CELLS_MOST];
	size_t n;
};
struct table {
	double column[CELLS_MOST]; /* widths */
	size_t columns;
};

/* As many columns as the widest row has; widths as the first row that says them, else even. */
static void measure(struct ss_str rest, struct table *t)
{
	struct ssd_piece p;
	size_t n = 0;
	double widths[CELLS_MOST] = {0}, given = 0;
	size_t without = 0;

	t->columns = 1;
	while (ssd_next(&rest, &p, NULL) == 1 && !(p.tag == SSD_table && p.end)) {
		if (p.tag == SSD_tr && !p.end)
			n = 0;
		if ((p.tag != SSD_td && p.tag != SSD_th) || p.end ||
		    n + (size_t)p.colspan > CELLS_MOST)
			continue;
		if (p.width > 0 && p.colspan == 1 && widths[n] == 0)
			widths[n] = p.width;
		n += (size_t)p.colspan;
		t->columns = n > t->columns ? n : t->columns;
	}
	for (size_t i = 0; i < t->columns; i++) {
		given += widths[i];
		without += widths[i] == 0;
	}
	for (size_t i = 0; i < t->columns; i++) {
		double w = widths[i] > 0 ? widths[i]
			   : given < 100 ? (100 - given) / (double)without
					 : 10;
		double all = without && given >= 100 ? given + 10 * (double)without
			     : without               ? 100
						     : given;

		t->column[i] = WIDTH * w / all;
	}
}

static void one_box(struct pdf *d, const struct cell *c, double y, double height)
{
	cairo_rectangle(d->cr, c->x, y, c->width, height);
	cairo_set_line_width(d->cr, 0.6);
	cairo_stroke(d->cr);
}

static double height_of(const struct row *r)
{
	double most = 0;

	for (size_t i = 0; i < r->n; i++) {
		int w, h;

		pango_layout_get_size(r->cell[i].layout, &w, &h);
		most = (double)h / PANGO_SCALE > most ? (double)h / PANGO_SCALE : most;
	}
	return most + 2 * PAD;
}

/* What of the row fits on this page; whether something is left. */
static bool part(struct pdf *d, struct row *r)
{
	double most = 0;
	bool left = false;

	for (size_t i = 0; i < r->n; i++) {
		struct cell *c = &r->cell[i];
		double used = lines(d, c->layout, &c->line, c->x + PAD, d->y + PAD, BOTTOM - PAD);

		most = used > most ? used : most;
		left |= c->line < c->lines;
	}
	for (size_t i = 0; i < r->n; i++)
		one_box(d, &r->cell[i], d->y, most + 2 * PAD);
	d->y += most + 2 * PAD;
	return left;
}

static void draw_row(struct pdf *d, struct row *r)
{
	double height = height_of(r);

	if (r->n == 0)
		return;
	if (d->y + height > BOTTOM && height < BOTTOM - TOP)
		next_page(d);
	while (part(d, r) && !d->err)
		next_page(d);
	for (size_t i = 0; i < r->n; i++)
		g_object_unref(r->cell[i].layout);
	r->n = 0;
}

static void add_cell(struct pdf *d, const struct table *t, struct row *r, const struct ssd_piece *p,
		     size_t *column)
{
	struct cell *c = &r->cell[r->n];
	struct ss_str text = ss_str_trim(ss_buf_str(&d->text));
	ss_cleanup(ss_buf_done) struct ss_buf own = SS_BUF_MAX(TEXT_MAX);

	if (r->n == CELLS_MOST || *column + (size_t)p->colspan > t->columns ||
	    ss_buf_adds(&own, text) < 0)
		return;
	c->x = LEFT;
	c->width = 0;
	for (size_t i = 0; i < *column; i++)
		c->x += t->column[i];
	for (size_t i = 0; i < (size_t)p->colspan; i++)
		c->width += t->column[*column + i];
	c->layout = layout_of(d, own.p ? own.p : "", CELL, c->width - 2 * PAD);
	if (p->tag == SSD_th || ssd_has_class(p, "center"))
		pango_layout_set_alignment(c->layout, PANGO_ALIGN_CENTER);
	c->line = 0;
	c->lines = pango_layout_get_line_count(c->layout);
	*column += (size_t)p->colspan;
	r->n++;
}

static void inline_piece(struct pdf *d, const struct ssd_piece *p);

static void table(struct pdf *d, struct ss_str *rest)
{
	struct table t;
	struct row r = {.n = 0};
	struct ssd_piece p, open = {.tag = SSD_td, .colspan = 1};
	size_t column = 0;

	measure(*rest, &t);
	while (!d->err && ssd_next(rest, &p, NULL) == 1 && !(p.tag == SSD_table && p.end)) {
		bool cell = p.tag == SSD_td || p.tag == SSD_th;

		if (p.tag == SSD_tr) {
			draw_row(d, &r);
			column = 0;
		} else if (cell && !p.end) {
			open = p;
			ss_buf_reset(&d->text);
		} else if (cell) {
			add_cell(d, &t, &r, &open, &column);
			ss_buf_reset(&d->text);
		} else if (p.tag == SSD_p && p.end) {
			ss_buf_addc(&d->text, '\n');
		} else {
			inline_piece(d, &p);
		}
	}
	draw_row(d, &r);
	ss_buf_reset(&d->text);
}

/* --- the walk ----------------------------------------------------------------------------------
 */

/* Entities stay as they are, pango reads the same ones; an & that is none is escaped. */
static void ampersand(struct pdf *d, struct ss_str s)
{
	static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};

	for (size_t i = 0; i < SS_ARRAY_LEN(known); i++) {
		if (ss_str_starts(s, ss_str_of(known[i]))) {
			ss_buf_addc(&d->text, '&');
			return;
		}
	}
	ss_buf_addz(&d->text, "&amp;");
}

/* Blanks and line ends of the template are one blank, between Chinese none. */
static void plain_text(struct pdf *d, struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '&') {
			ampersand(d, ss_str_n(s.p + i, s.n - i));
			continue;
		}
		const bool gap = s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\r';

		if (!gap)
			ss_buf_addc(&d->text, s.p[i]);
		else if (d->text.n && (unsigned char)d->text.p[d->text.n - 1] < 0x80 &&
			 d->text.p[d->text.n - 1] != ' ' && d->text.p[d->text.n - 1] != '\n')
			ss_buf_addc(&d->text, ' ');
	}
}

static void inline_piece(struct pdf *d, const struct ssd_piece *p)
{
	if (p->tag == SSD_TEXT)
		plain_text(d, p->text);
	else if (p->tag == SSD_b)
		ss_buf_addz(&d->text, p->end ? "</b>" : "<b>");
	else if (p->tag == SSD_u)
		ss_buf_addz(&d->text, p->end ? "</u>" : "<u>");
	else if (p->tag == SSD_br)
		ss_buf_addc(&d->text, '\n');
}

static void begin(struct pdf *d, const struct ssd_piece *p)
{
	bool head = p->tag == SSD_h1 || p->tag == SSD_h2 || p->tag == SSD_h3;

	paragraph(d);
	d->size = p->tag == SSD_h1 ? 22 : p->tag == SSD_h2 ? 18 : BODY;
	if (ssd_has_class(p, "small"))
		d->size = CELL;
	d->align = p->tag == SSD_h1 || p->tag == SSD_h2 || ssd_has_class(p, "center")
		       ? PANGO_ALIGN_CENTER
		   : ssd_has_class(p, "right") || ssd_has_class(p, "sign") ? PANGO_ALIGN_RIGHT
									   : PANGO_ALIGN_LEFT;
	d->indent =
	    p->tag == SSD_p && d->align == PANGO_ALIGN_LEFT && !ssd_has_class(p, "noindent");
	d->bold = head;
	if (p->tag == SSD_li)
		ss_buf_addz(&d->text, "· ");
	if (d->bold)
		ss_buf_addz(&d->text, "<b>");
}

static void end(struct pdf *d, const struct ssd_piece *p)
{
	if (d->bold)
		ss_buf_addz(&d->text, "</b>");
	d->bold = false;
	paragraph(d);
	if (p->tag == SSD_h1)
		d->y += 8;
	d->size = BODY;
	d->align = PANGO_ALIGN_LEFT;
	d->indent = false;
}

static bool is_block(int tag)
{
	return tag == SSD_p || tag == SSD_div || tag == SSD_li || tag == SSD_h1 || tag == SSD_h2 ||
	       tag == SSD_h3 || tag == SSD_ul || tag == SSD_ol;
}

static void walk(struct pdf *d, struct ss_str rest)
{
	struct ssd_piece p;

	while (!d->err && ssd_next(&rest, &p, NULL) == 1) {
		if (p.tag == SSD_table) {
			paragraph(d);
			table(d, &rest);
		} else if (p.tag == SSD_qr && !p.end) {
			paragraph(d);
			if (ssd_next(&rest, &p, NULL) == 1 && p.tag == SSD_TEXT)
				qr(d, p.text);
		} else if (p.tag == SSD_hr) {
			paragraph(d);
			rule(d);
		} else if (is_block(p.tag)) {
			if (p.end)
				end(d, &p);
			else
				begin(d, &p);
		} else {
			inline_piece(d, &p);
		}
		if (d->text.err)
			d->err = d->text.err;
	}
	paragraph(d);
}

static int finish(struct pdf *d, cairo_surface_t *s, struct ss_error *err)
{
	cairo_status_t status;

	page_number(d);
	cairo_show_page(d->cr);
	cairo_surface_finish(s);
	status = cairo_surface_status(s);
	if (status != CAIRO_STATUS_SUCCESS && !d->err)
		d->err = status == CAIRO_STATUS_WRITE_ERROR ? SS_ETOOBIG : SS_EIO;
	return d->err ? ss_error_set(err, d->err, "PDF 做不出来：%s；the PDF cannot be made",
				     cairo_status_to_string(status))
		      : 0;
}

int ss_document_pdf(struct ss_str body, const char *title, struct ss_buf *out, struct ss_error *err)
{
	struct pdf d = {
	    .y = TOP, .page = 1, .out = out, .text = SS_BUF_MAX(TEXT_MAX), .size = BODY};
	PangoFontMap *fonts;
	cairo_surface_t *s;
	int r = ssd_tags_check(body, err);

	if (r < 0)
		return r;
	fonts = pango_cairo_font_map_new();
	s = cairo_pdf_surface_create_for_stream(write_out, &d, PAGE_W, PAGE_H);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, title);
	d.cr = cairo_create(s);
	d.pango = pango_font_map_create_context(fonts);
	pango_context_set_language(d.pango, pango_language_from_string("zh-CN"));
	pango_cairo_update_context(d.cr, d.pango);
	walk(&d, body);
	r = finish(&d, s, err);
	cairo_destroy(d.cr);
	cairo_surface_destroy(s);
	g_object_unref(d.pango);
	g_object_unref(fonts);
	ss_buf_done(&d.text);
	return r;
}
