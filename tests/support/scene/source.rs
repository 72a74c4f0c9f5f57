//! Sources of templates with dynamic parameters, as an import leaves them in Coder's database.

use std::fmt::Write as _;

use super::{Scene, Version, id};

impl Scene {
    /// Makes the version one of a dynamic template, which `daemon` has imported from these files.
    pub fn import(&self, version: &Version, files: &[(&str, &str)], daemon: &str) {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            archive
                .append_data(&mut header, path, text.as_bytes())
                .expect("a file in an archive");
        }
        let bytes = archive.into_inner().expect("an archive");
        let mut hex = String::new();
        for byte in bytes {
            write!(hex, "{byte:02x}").expect("a text");
        }
        let file = id();
        self.execute(&format!(
            "UPDATE templates SET use_classic_parameter_flow = false WHERE id = '{template}';
             INSERT INTO files (id, hash, created_at, created_by, mimetype, data)
             VALUES ('{file}', '{file}', now(), '{person}', 'application/x-tar',
                decode('{hex}', 'hex'));
             UPDATE provisioner_jobs SET file_id = '{file}' WHERE id = '{job}';
             INSERT INTO template_version_terraform_values
                (template_version_id, updated_at, cached_plan, provisionerd_version)
             VALUES ('{id}', now(), '{{}}', '{daemon}')",
            template = version.template,
            person = self.person,
            job = version.import_job,
            id = version.id,
        ));
    }
}
