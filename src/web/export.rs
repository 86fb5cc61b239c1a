//! Lists as files for a spreadsheet. What people typed never becomes a formula there.

use actix_web::HttpResponse;
use actix_web::http::header;

use super::errors::Problem;

/// Tells a spreadsheet that the text is UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Rows as a text file. Cells stand between semicolons, as spreadsheets in Indonesia expect: the comma is theirs for
/// decimals.
pub fn csv(name: &str, rows: Vec<Vec<String>>) -> Result<HttpResponse, Problem> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(MARK.to_vec());
    for row in rows {
        let cells = row.into_iter().map(harmless);
        writer.write_record(cells).map_err(|error| Problem::internal(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| Problem::internal(error.error()))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}

/// A cell that begins like a formula begins with an apostrophe instead, which spreadsheets take for text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_comes_whole() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let rows =
            vec![row(&["Nama", "Catatan"]), row(&["=cmd|' /C calc'!A0", "a;\"b\""]), row(&["-1", "+2"])];
        let Ok(answer) = csv("x.csv", rows) else { panic!("written") };
        let Ok(bytes) = answer.into_body().try_into_bytes() else { panic!("whole") };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(text, "\u{feff}Nama;Catatan\n'=cmd|' /C calc'!A0;\"a;\"\"b\"\"\"\n'-1;'+2\n");
    }
}
