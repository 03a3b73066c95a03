// A place to drop files on, or to choose them from: sends them to the page's own upload address and shows how far it is.
export default {
  props: { url: String, multiple: Boolean, title: String, hint: String, sending: String, failed: String, accept: String },
  emits: ["begin"],
  template: `
    <label class="rg-drop" :class="{ over }" @dragover.prevent="over = true" @dragleave.prevent="over = false" @drop.prevent="drop">
      <span class="rg-i" aria-hidden="true">upload_file</span>
      <span class="rg-strong">{{ busy ? sending + ' ' + percent + '%' : title }}</span>
      <span class="rg-small">{{ names || hint }}</span>
      <input type="file" class="rg-sr" :multiple="multiple" :accept="accept" :disabled="busy" @change="choose" :aria-label="title">
      <span v-if="busy" class="rg-meter" style="width: min(320px, 100%); margin-top: 8px"><div :style="{ width: percent + '%' }"></div></span>
      <span v-if="error" role="alert" class="rg-small" style="color: var(--bad)">{{ error }}</span>
    </label>`,
  data: () => ({ over: false, busy: false, percent: 0, names: "", error: "" }),
  methods: {
    drop(event) {
      this.over = false;
      this.send(event.dataTransfer.files);
    },
    choose(event) {
      this.send(event.target.files);
      event.target.value = "";
    },
    send(files) {
      if (!files.length || this.busy) return;
      const form = new FormData();
      for (const file of files) form.append("file", file, file.name);
      Object.assign(this, { busy: true, percent: 0, error: "", names: [...files].map((file) => file.name).join(", ") });
      this.$emit("begin");
      const request = new XMLHttpRequest();
      request.upload.onprogress = (event) => event.lengthComputable && (this.percent = Math.floor((event.loaded / event.total) * 100));
      request.onloadend = () => {
        this.busy = false;
        if (request.status !== 200) this.error = this.failed;
      };
      request.open("POST", (window.path_prefix || "") + this.url);
      request.send(form);
    },
  },
};
